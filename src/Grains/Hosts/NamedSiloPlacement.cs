using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Clinic.Hosts;

/// <summary>Places a grain on the silo that its key names, or nowhere.</summary>
[GenerateSerializer, Immutable, Alias("Clinic.NamedSiloPlacement")]
internal sealed class NamedSiloPlacement : PlacementStrategy;

/// <summary>Marks a grain class whose key is the address of the silo it belongs to.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NamedSiloPlacementAttribute() : PlacementAttribute(new NamedSiloPlacement());

/// <summary>Finds the silo by the key.</summary>
internal sealed class NamedSiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"Silo {silo} is not active.");
    }
}
