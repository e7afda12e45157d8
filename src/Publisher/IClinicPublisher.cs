namespace Clinic.Publisher;

/// <summary>
/// Tells a clinic's people what happened, from the code where it happened. Every method hands the event to a queue and returns at once: it does not wait for
/// the network and throws nothing, whatever is wrong with the event or with the service behind. What can't be delivered is reported in the log and in the
/// meter <c>Clinic.Publisher</c>.
/// </summary>
/// <remarks>
/// <para>Each method returns whether the event was queued; false means that it was dropped and reported.</para>
/// <para>Data is any JSON value. It is serialized within the call, so that it may change or be disposed of afterwards; at most 254 KB of JSON.</para>
/// <para>An id makes the event's repeats one event for 24 h: give one when the calling code may itself run twice for the same fact. Otherwise it is chosen.</para>
/// </remarks>
public interface IClinicPublisher
{
    /// <summary>Publishes to <c>tenant</c>, <c>user:{id}</c>, <c>thread:{id}</c> or <c>patient:{id}</c> of a clinic.</summary>
    /// <param name="tenant">The clinic: 1 to 128 characters, none of them a control character, and no space around.</param>
    /// <param name="topic">The topic, its id of 1 to 128 characters.</param>
    /// <param name="type">What happened: 1 to 64 of A-Z, a-z, 0-9 and _ . : / -</param>
    /// <param name="data">What a client gets to see of it.</param>
    /// <param name="id">The event's id within its topic, 1 to 128 characters; null to have one chosen.</param>
    bool Publish(string tenant, string topic, string type, object? data, string? id = null);

    /// <summary>Tells everybody signed in to the clinic.</summary>
    bool ToTenant(string tenant, string type, object? data, string? id = null) => Publish(tenant, "tenant", type, data, id);

    /// <summary>Tells one user, on all their screens.</summary>
    bool ToUser(string tenant, string userId, string type, object? data, string? id = null) => Publish(tenant, $"user:{userId}", type, data, id);

    /// <summary>Tells a thread's participants. The thread has to exist; otherwise the event is dropped as refused.</summary>
    bool ToThread(string tenant, string threadId, string type, object? data, string? id = null) => Publish(tenant, $"thread:{threadId}", type, data, id);

    /// <summary>Tells those who follow a patient's chart.</summary>
    bool ToPatientViewers(string tenant, string patientId, string type, object? data, string? id = null) =>
        Publish(tenant, $"patient:{patientId}", type, data, id);

    /// <summary><c>appointment:created</c>, to the clinic.</summary>
    bool AppointmentCreated(string tenant, object? data, string? id = null) => ToTenant(tenant, "appointment:created", data, id);

    /// <summary><c>appointment:updated</c>, to the clinic.</summary>
    bool AppointmentUpdated(string tenant, object? data, string? id = null) => ToTenant(tenant, "appointment:updated", data, id);

    /// <summary><c>appointment:cancelled</c>, to the clinic.</summary>
    bool AppointmentCancelled(string tenant, object? data, string? id = null) => ToTenant(tenant, "appointment:cancelled", data, id);

    /// <summary><c>patient:checked_in</c>, to the clinic.</summary>
    bool PatientCheckedIn(string tenant, object? data, string? id = null) => ToTenant(tenant, "patient:checked_in", data, id);

    /// <summary><c>message:new</c>, to the thread.</summary>
    bool MessageSent(string tenant, string threadId, object? data, string? id = null) => ToThread(tenant, threadId, "message:new", data, id);

    /// <summary><c>message:read</c>, to the thread.</summary>
    bool MessageRead(string tenant, string threadId, object? data, string? id = null) => ToThread(tenant, threadId, "message:read", data, id);

    /// <summary><c>notification:new</c>, to one user: see <see cref="Notification"/>.</summary>
    bool NotifyUser(string tenant, string userId, Notification notification, string? id = null) =>
        ToUser(tenant, userId, "notification:new", notification, id);

    /// <summary><c>vitals:updated</c>, to the chart.</summary>
    bool VitalsUpdated(string tenant, string patientId, object? data, string? id = null) => ToPatientViewers(tenant, patientId, "vitals:updated", data, id);

    /// <summary><c>allergy:added</c>, to the chart.</summary>
    bool AllergyAdded(string tenant, string patientId, object? data, string? id = null) => ToPatientViewers(tenant, patientId, "allergy:added", data, id);

    /// <summary><c>medication:added</c>, to the chart.</summary>
    bool MedicationAdded(string tenant, string patientId, object? data, string? id = null) => ToPatientViewers(tenant, patientId, "medication:added", data, id);
}
