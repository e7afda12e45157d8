using System.Data.Common;
using System.Text.Json;
using Clinic.Storage;
using Dapper;

namespace Clinic.Charts;

/// <summary>
/// Notifications that a restricted chart was opened which are still owed: the clinic did not say at that moment who is present, or nobody answered for privacy. They
/// are stored with the opening and paid when it is known whom to.
/// </summary>
internal sealed class GlassDebts(ClinicDatabase database, GlassWatch watch, TimeProvider time)
{
    private const int Clinics = 50;
    private const int Openings = 500;

    private const string ClinicsSql = "select distinct tenant from glass_owed where tenant > @after order by tenant limit @Clinics";

    private const string OpeningsSql = """
        select a.id, a.tenant, a.patient_id, a.user_id, a.name
        from glass_owed o join chart_access a on a.id = o.access_id
        where o.tenant = @clinic order by o.access_id limit @Openings
        """;

    private string _after = "";

    /// <summary>Has it owed who did not hear of an opening yet; in the transaction that records it.</summary>
    public static Task OweAsync(DbTransaction transaction, AccessRow opening, IReadOnlyList<string> notified, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "insert into glass_owed (tenant, access_id, notified) values (@Tenant, @Id, @notified)",
            new { opening.Tenant, opening.Id, notified = JsonSerializer.Serialize(notified) },
            transaction,
            cancellationToken: cancellation));

    /// <summary>Notifies whom it can of some clinics' openings; the next call goes on with others.</summary>
    /// <exception cref="DbException">The database can't be reached.</exception>
    public async Task PayAsync(CancellationToken cancellation)
    {
        var clinics = await QueryAsync<string>(ClinicsSql, new { after = _after, Clinics }, cancellation);
        _after = clinics.Count == Clinics ? clinics[^1] : "";
        var online = await Task.WhenAll(clinics.Select(async clinic => (Clinic: clinic, Officers: await watch.AskAsync(clinic))));
        foreach (var (clinic, officers) in online.Where(o => o.Officers.IsWhole))
        {
            foreach (var opening in await QueryAsync<AccessRow>(OpeningsSql, new { clinic, Openings }, cancellation))
            {
                var known = watch.OfficersOf(clinic, opening.UserId, officers);
                if (known.IsWhole)
                {
                    watch.Tell(clinic, await PayAsync(opening, known.Users, cancellation));
                }
            }
        }
    }

    private Task<IReadOnlyList<string>> PayAsync(AccessRow opening, IReadOnlyList<string> officers, CancellationToken cancellation) =>
        database.WriteAsync<IReadOnlyList<string>>(
            async transaction =>
            {
                var notified = await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
                    "delete from glass_owed where tenant = @Tenant and access_id = @Id returning notified", opening, transaction, cancellationToken: cancellation));
                if (notified is null)
                {
                    // Another silo was faster.
                    return [];
                }

                string[] others = [.. officers.Except(JsonSerializer.Deserialize<string[]>(notified)!, StringComparer.Ordinal)];
                await GlassNotices.AddAsync(transaction, opening, others, AccessChain.AsStored(time.GetUtcNow()), cancellation);
                return others;
            },
            cancellation);

    private Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object parameters, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<T>>(
            async connection => [.. await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))], cancellation);
}
