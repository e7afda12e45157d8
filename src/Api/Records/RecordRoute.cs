namespace Clinic.Records;

/// <summary>Marks every route of a record capability, for the description of the Api.</summary>
internal sealed class RecordRoute;
