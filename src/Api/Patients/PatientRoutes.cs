using System.Globalization;
using Clinic.Charts;
using Clinic.Errors;
using Clinic.Records;
using Dapper;
using FluentValidation;

namespace Clinic.Patients;

/// <summary>The clinic's patients, where the clinic keeps them here.</summary>
internal sealed class PatientRoutes : IRecordRoutes
{
    private const string CreateSql = $"""
        insert into patient (tenant, {Patient.Columns}) values (@Tenant, @id, @Name, @birthDate, @User, @Now)
        on conflict (tenant, id) do nothing
        returning {Patient.Columns}
        """;

    private const string ListSql = $"select {Patient.Columns} from patient where tenant = @Tenant";

    // One round trip for the whole chart.
    private const string ChartSql = $"""
        select {Patient.Columns} from patient where tenant = @Tenant and id = @id;
        select {Vitals.Columns} from patient_vitals where tenant = @Tenant and patient_id = @id;
        select {Allergy.Columns} from patient_allergy where tenant = @Tenant and patient_id = @id order by added_at, id;
        select {Medication.Columns} from patient_medication where tenant = @Tenant and patient_id = @id order by added_at, id;
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services.AddSingleton<IValidator<NewPatient>, NewPatient.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var patients = api.MapGroup("/patients").WithTags("Patients");
        patients.MapPost("", CreateAsync)
            .WithSummary("Makes a patient. An id that is taken in the clinic is a conflict.")
            .Produces<Patient>(StatusCodes.Status201Created);
        patients.MapGet("", ListAsync).WithSummary("The clinic's patients by name.").ProducesPage<Patient>();
        patients.MapGet("/{id}", GetAsync).WithSummary("A patient with vitals, allergies and medications. A restricted chart has to be open with a reason, unless one is of its care team.").Produces<PatientChart>();
    }

    private static Task<IResult> CreateAsync(NewPatient body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var id = body.Id ?? record.NewId();
        var birthDate = body.BirthDate!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var patient = await record.FindAsync<Patient>(CreateSql, new { record.Tenant, id, body.Name, birthDate, record.User, record.Now });
        return patient is null
            ? Problems.Conflict("There is a patient with this id.")
            : RecordAnswer.Created($"/api/patients/{Uri.EscapeDataString(id)}", patient);
    });

    private static async Task<IResult> ListAsync(RecordRequest request)
    {
        if (!request.TryReadPage<NameCursor>(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = ListSql + (after is null ? "" : " and (name, id) > (@name, @after)") + " order by name, id limit @Rows";
        var rows = await request.QueryAsync<Patient>(sql, new { request.Tenant, name = after?.Name, after = after?.Id, size.Rows });
        return TypedResults.Ok(size.Take(rows, last => new NameCursor(last.Name, last.Id).ToString()));
    }

    private static async Task<IResult> GetAsync(string id, ChartGuard guard, RecordRequest request)
    {
        if (await guard.RefuseAsync(request, id) is { } refusal)
        {
            return refusal;
        }

        var chart = await request.ReadAsync(async connection =>
        {
            await using var rows = await connection.QueryMultipleAsync(ChartSql, new { request.Tenant, id });
            return await rows.ReadSingleOrDefaultAsync<Patient>() is not { } patient
                ? null
                : new PatientChart(
                    patient,
                    await rows.ReadSingleOrDefaultAsync<Vitals>(),
                    [.. await rows.ReadAsync<Allergy>()],
                    [.. await rows.ReadAsync<Medication>()]);
        });
        return chart is null ? Problems.NotFound() : TypedResults.Ok(chart);
    }
}
