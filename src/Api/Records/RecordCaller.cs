using Clinic.Security;

namespace Clinic.Records;

/// <summary>Who calls a record route.</summary>
internal static class RecordCaller
{
    /// <summary>The caller of the request.</summary>
    public static Caller Caller(this HttpContext context) => 
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("No caller: the route is not behind authentication.");

    /// <summary>Whether the caller belongs to the staff: any role but patient, or none at all.</summary>
    public static bool IsStaff(this Caller caller) => caller.Roles.Count == 0 || caller.Roles.Any(role => role != Roles.Patient);
}
