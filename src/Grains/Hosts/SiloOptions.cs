using System.ComponentModel.DataAnnotations;

namespace Clinic.Hosts;

/// <summary>Where a silo listens: section <c>Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>The address other silos and the Api hosts reach this silo at. Default 127.0.0.1.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Silo to silo. Default 11111; an embedded silo takes a free port unless one is set.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 11111;

    /// <summary>Api hosts to silo. Default 30000; an embedded silo takes a free port unless one is set.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Health and metrics of a silo process. Default 5090.</summary>
    [Range(1, 65535)]
    public int HttpPort { get; set; } = 5090;
}
