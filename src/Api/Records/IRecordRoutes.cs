namespace Clinic.Records;

/// <summary>
/// One record capability's part of the Api: its services and its routes. Every implementation of this assembly is found by
/// <see cref="RecordServices"/>, so that a new record type needs nothing outside of its own folder (and a script for its table).
/// </summary>
internal interface IRecordRoutes
{
    /// <summary>Registers what the routes need, their validators among it.</summary>
    void AddServices(IServiceCollection services);

    /// <summary>
    /// Maps the routes below <c>/api</c>. They are for signed-in staff already, ids in their paths are valid, and bodies are validated with
    /// the validator that is registered for their type.
    /// </summary>
    void Map(IEndpointRouteBuilder api);
}
