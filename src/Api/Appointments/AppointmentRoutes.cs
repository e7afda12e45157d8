using System.Globalization;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Topics;
using FluentValidation;

namespace Clinic.Appointments;

/// <summary>The clinic's appointments; every change is an event for everybody in the clinic.</summary>
internal sealed class AppointmentRoutes : IRecordRoutes
{
    private const string CreateSql = $"""
        insert into appointment (tenant, {Appointment.Columns})
        values (@Tenant, @id, @PatientId, @ProviderId, @StartsAt, @DurationMinutes, @Reason, 'scheduled', @User, @Now, @Now, 1)
        returning {Appointment.Columns}
        """;

    private const string ChangeSql = $"""
        update appointment set patient_id = coalesce(@PatientId, patient_id), provider_id = coalesce(@ProviderId, provider_id),
            starts_at = coalesce(@StartsAt, starts_at), duration_minutes = coalesce(@DurationMinutes, duration_minutes),
            reason = coalesce(@Reason, reason), updated_at = @Now, version = version + 1
        where tenant = @Tenant and id = @id and status <> 'cancelled'
        returning {Appointment.Columns}
        """;

    private const string SetStatusSql = $"""
        update appointment set status = @status, updated_at = @Now, version = version + 1
        where tenant = @Tenant and id = @id and status <> 'cancelled' and status <> @status
        returning {Appointment.Columns}
        """;

    private const string FindSql = $"select {Appointment.Columns} from appointment where tenant = @Tenant and id = @id";

    private const string DaySql = $"""
        select {Appointment.Columns} from appointment
        where tenant = @Tenant and starts_at between @from and @until and (starts_at, id) > (@time, @after)
        order by starts_at, id limit @Rows
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddSingleton<IValidator<NewAppointment>, NewAppointment.Validator>()
        .AddSingleton<IValidator<AppointmentChange>, AppointmentChange.Validator>()
        .AddSingleton<IValidator<StatusChange>, StatusChange.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var appointments = api.MapGroup("/appointments").WithTags("Appointments");
        appointments.MapPost("", CreateAsync).WithSummary("Makes an appointment.").Produces<Appointment>(StatusCodes.Status201Created);
        appointments.MapGet("", ListAsync).WithSummary("The appointments of one day in UTC, by time.").ProducesPage<Appointment>();
        appointments.MapGet("/{id}", GetAsync).WithSummary("An appointment.").Produces<Appointment>();
        appointments.MapPatch("/{id}", ChangeAsync).WithSummary("Changes an appointment that is not cancelled.").Produces<Appointment>();
        appointments.MapDelete("/{id}", CancelAsync).WithSummary("Cancels an appointment.").Produces(StatusCodes.Status204NoContent);
        appointments.MapPatch("/{id}/status", SetStatusAsync).WithSummary("Changes the status of an appointment.").Produces<Appointment>();
    }

    private static Task<IResult> CreateAsync(NewAppointment body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var id = record.NewId();
        var appointment = await record.FindAsync<Appointment>(
            CreateSql,
            new { record.Tenant, id, body.PatientId, body.ProviderId, body.StartsAt, body.DurationMinutes, body.Reason, record.User, record.Now });
        Emit(record, "appointment:created", appointment!);
        return RecordAnswer.Created($"/api/appointments/{id}", appointment!);
    });

    private static async Task<IResult> GetAsync(string id, RecordRequest request)
    {
        var appointment = (await request.QueryAsync<Appointment>(FindSql, new { request.Tenant, id })).SingleOrDefault();
        return appointment is null ? Problems.NotFound() : TypedResults.Ok(appointment);
    }

    private static Task<IResult> ChangeAsync(string id, AppointmentChange body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var appointment = await record.FindAsync<Appointment>(
            ChangeSql,
            new { record.Tenant, id, body.PatientId, body.ProviderId, body.StartsAt, body.DurationMinutes, body.Reason, record.Now });
        if (appointment is null)
        {
            return await FindAsync(record, id) is null ? Problems.NotFound() : Cancelled();
        }

        Emit(record, "appointment:updated", appointment);
        return RecordAnswer.Ok(appointment);
    });

    private static Task<IResult> SetStatusAsync(string id, StatusChange body, RecordRequest request) => request.WriteAsync(async record =>
    {
        if (await MoveAsync(record, id, body.Status!) is { } moved)
        {
            Emit(record, "appointment:updated", moved);
            if (moved.Status == AppointmentStatus.CheckedIn)
            {
                Emit(record, "patient:checked_in", new PatientCheckedIn(id, moved.PatientId, moved.ProviderId, moved.StartsAt, record.Now));
            }

            return RecordAnswer.Ok(moved);
        }

        var appointment = await FindAsync(record, id);
        return appointment is null ? Problems.NotFound() : appointment.Status == body.Status ? RecordAnswer.Ok(appointment) : Cancelled();
    });

    /// <summary>Cancelling again is done already, and tells nobody again.</summary>
    private static Task<IResult> CancelAsync(string id, RecordRequest request) => request.WriteAsync(async record =>
    {
        if (await MoveAsync(record, id, AppointmentStatus.Cancelled) is { } cancelled)
        {
            Emit(record, "appointment:cancelled", cancelled);
            return RecordAnswer.Done;
        }

        return await FindAsync(record, id) is null ? Problems.NotFound() : RecordAnswer.Done;
    });

    private static async Task<IResult> ListAsync(string? date, RecordRequest request)
    {
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return Problems.Invalid("date", "Must be a day, YYYY-MM-DD.");
        }

        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var from = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        var until = from.AddMilliseconds((24 * 60 * 60 * 1000) - 1);
        var rows = await request.QueryAsync<Appointment>(
            DaySql, new { request.Tenant, from, until, time = after?.Time ?? from, after = after?.Id ?? "", size.Rows });
        return TypedResults.Ok(size.Take(rows, last => new Cursor(last.StartsAt, last.Id).ToString()));
    }

    /// <summary>The appointment with its new status; null when there is none that could take it.</summary>
    private static Task<Appointment?> MoveAsync(RecordTransaction record, string id, string status) =>
        record.FindAsync<Appointment>(SetStatusSql, new { record.Tenant, id, status, record.Now });

    private static Task<Appointment?> FindAsync(RecordTransaction record, string id) =>
        record.FindAsync<Appointment>(FindSql, new { record.Tenant, id });

    private static void Emit(RecordTransaction record, string type, object data) => record.Emit(TopicId.ForTenant(record.Tenant), type, data);

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Cancelled() =>
        Problems.Conflict("The appointment is cancelled and can't be changed.");
}
