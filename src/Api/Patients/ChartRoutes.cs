using Clinic.Charts;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Topics;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Patients;

/// <summary>
/// Writes to charts; each is an event for those who follow the patient. The patient need not be one of ours: the customer's own system may
/// keep them.
/// </summary>
internal sealed class ChartRoutes : IRecordRoutes
{
    /// <summary>Allergies, and as many medications, of one chart.</summary>
    private const int MaxEntries = 500;

    private const string VitalsSql = $"""
        insert into patient_vitals (tenant, {Vitals.Columns})
        values (@Tenant, @id, @Systolic, @Diastolic, @HeartRate, @Temperature, @OxygenSaturation, @Weight, @User, @Now, 1)
        on conflict (tenant, patient_id) do update set
            systolic = coalesce(excluded.systolic, patient_vitals.systolic),
            diastolic = coalesce(excluded.diastolic, patient_vitals.diastolic),
            heart_rate = coalesce(excluded.heart_rate, patient_vitals.heart_rate),
            temperature = coalesce(excluded.temperature, patient_vitals.temperature),
            oxygen_saturation = coalesce(excluded.oxygen_saturation, patient_vitals.oxygen_saturation),
            weight = coalesce(excluded.weight, patient_vitals.weight),
            updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = patient_vitals.version + 1
        returning {Vitals.Columns}
        """;

    private const string AllergySql = $"""
        insert into patient_allergy (tenant, {Allergy.Columns})
        select @Tenant, @entry, @id, @Substance, @Reaction, @Severity, @User, @Now
        where (select count(*) from patient_allergy where tenant = @Tenant and patient_id = @id) < @MaxEntries
        returning {Allergy.Columns}
        """;

    private const string MedicationSql = $"""
        insert into patient_medication (tenant, {Medication.Columns})
        select @Tenant, @entry, @id, @Name, @Dose, @Frequency, @User, @Now
        where (select count(*) from patient_medication where tenant = @Tenant and patient_id = @id) < @MaxEntries
        returning {Medication.Columns}
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services)
    {
        // The grain factory is asked for with the first write: an Orleans client registers it late.
        services.TryAddSingleton<AskChart>(provider => async chart =>
            await provider.GetRequiredService<IGrainFactory>().GetTopic(chart).GetPresenceAsync() is { Complete: true } presence ? presence.Entries : null);
        services
            .AddSingleton<ChartViewers>()
            .AddSingleton<IValidator<VitalsChange>, VitalsChange.Validator>()
            .AddSingleton<IValidator<NewAllergy>, NewAllergy.Validator>()
            .AddSingleton<IValidator<NewMedication>, NewMedication.Validator>();
    }

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var chart = api.MapGroup("/patients/{id}").WithTags("Patients");
        chart.MapPatch("/vitals", SetVitalsAsync)
            .WithSummary("Enters vital signs. While somebody holds the section vitals, it needs their lease.")
            .Produces<WrittenVitals>();
        chart.MapPost("/allergies", AddAllergyAsync)
            .WithSummary("Adds an allergy. While somebody holds the section allergies, it needs their lease.")
            .Produces<WrittenAllergy>(StatusCodes.Status201Created);
        chart.MapPost("/medications", AddMedicationAsync)
            .WithSummary("Adds a medication. While somebody holds the section medications, it needs their lease.")
            .Produces<WrittenMedication>(StatusCodes.Status201Created);
    }

    private static Task<IResult> SetVitalsAsync(
        string id, VitalsChange body, [FromHeader(Name = ChartSection.LeaseHeader)] string? lease, ChartViewers viewers, ChartGuard guard, RecordRequest request) =>
        WriteAsync(id, ChartSection.Vitals, lease, viewers, guard, request, async (record, chart, others) =>
        {
            var vitals = await record.FindAsync<Vitals>(
                VitalsSql,
                new
                {
                    record.Tenant,
                    id,
                    body.Systolic,
                    body.Diastolic,
                    body.HeartRate,
                    body.Temperature,
                    body.OxygenSaturation,
                    body.Weight,
                    record.User,
                    record.Now,
                });
            record.Emit(chart, "vitals:updated", vitals!);
            return RecordAnswer.Ok(new WrittenVitals(vitals!, others));
        });

    private static Task<IResult> AddAllergyAsync(
        string id, NewAllergy body, [FromHeader(Name = ChartSection.LeaseHeader)] string? lease, ChartViewers viewers, ChartGuard guard, RecordRequest request) =>
        WriteAsync(id, ChartSection.Allergies, lease, viewers, guard, request, async (record, chart, others) =>
        {
            var allergy = await record.FindAsync<Allergy>(
                AllergySql,
                new { record.Tenant, entry = record.NewId(), id, body.Substance, body.Reaction, body.Severity, record.User, record.Now, MaxEntries });
            if (allergy is null)
            {
                return Full();
            }

            record.Emit(chart, "allergy:added", allergy);
            return RecordAnswer.Created(null, new WrittenAllergy(allergy, others));
        });

    private static Task<IResult> AddMedicationAsync(
        string id, NewMedication body, [FromHeader(Name = ChartSection.LeaseHeader)] string? lease, ChartViewers viewers, ChartGuard guard, RecordRequest request) =>
        WriteAsync(id, ChartSection.Medications, lease, viewers, guard, request, async (record, chart, others) =>
        {
            var medication = await record.FindAsync<Medication>(
                MedicationSql,
                new { record.Tenant, entry = record.NewId(), id, body.Name, body.Dose, body.Frequency, record.User, record.Now, MaxEntries });
            if (medication is null)
            {
                return Full();
            }

            record.Emit(chart, "medication:added", medication);
            return RecordAnswer.Created(null, new WrittenMedication(medication, others));
        });

    /// <summary>Asks who else looks, then writes; asking first, so that no transaction waits for the answer.</summary>
    private static async Task<IResult> WriteAsync(
        string id,
        string section,
        string? lease,
        ChartViewers viewers,
        ChartGuard guard,
        RecordRequest request,
        Func<RecordTransaction, TopicId, IReadOnlyList<ChartViewer>?, Task<RecordAnswer>> write)
    {
        var chart = TopicId.ForPatient(request.Tenant, id);
        var others = await viewers.OthersAsync(chart, request.User);
        return await request.WriteAsync(async record =>
            (await guard.RefuseAsync(record, id) ?? await ChartSection.EnterAsync(record, chart, section, lease)) is { } refusal
                ? refusal
                : await write(record, chart, others));
    }

    private static ProblemHttpResult Full() => Problems.Make(
        StatusCodes.Status409Conflict, ErrorCode.LimitExceeded, "Chart full", $"A chart has at most {MaxEntries} entries of a kind.");
}
