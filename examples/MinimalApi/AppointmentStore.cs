using Dapper;
using Microsoft.Data.Sqlite;

namespace Example;

/// <summary>The application's own appointments, in its own database.</summary>
internal sealed class AppointmentStore(string connectionString)
{
    public async Task CreateAsync()
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.ExecuteAsync("create table if not exists appointment (id text primary key, patient text not null, starts_at text not null)");
    }

    public async Task<Appointment> AddAsync(NewAppointment wanted)
    {
        var added = new Appointment(Guid.CreateVersion7().ToString(), wanted.Patient, wanted.StartsAt.ToUniversalTime().ToString("O"));
        await using var connection = new SqliteConnection(connectionString);
        await connection.ExecuteAsync("insert into appointment (id, patient, starts_at) values (@Id, @Patient, @StartsAt)", added);
        return added;
    }

    public async Task<IEnumerable<Appointment>> ListAsync()
    {
        await using var connection = new SqliteConnection(connectionString);
        return await connection.QueryAsync<Appointment>("select id as Id, patient as Patient, starts_at as StartsAt from appointment order by starts_at");
    }
}

internal sealed record NewAppointment(string Patient, DateTimeOffset StartsAt);

internal sealed record Appointment(string Id, string Patient, string StartsAt);
