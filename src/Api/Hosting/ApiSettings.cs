using Clinic.Security;
using Clinic.Settings;
using Clinic.Storage;

namespace Clinic.Hosting;

/// <summary>What an Api process is told by its configuration, checked as a whole before anything starts.</summary>
internal sealed record ApiSettings(ClusterMode Mode, StorageOptions Storage, AuthOptions Auth, LimitOptions Limits, CorsOptions Cors)
{
    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="SettingException">A setting is missing or makes no sense.</exception>
    public static ApiSettings Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var auth = configuration.ReadSection<AuthOptions>("Auth").Check(environment.IsDevelopment());
        return new ApiSettings(
            ReadMode(configuration),
            ReadStorage(configuration),
            auth,
            configuration.ReadSection<LimitOptions>("Limits"),
            configuration.ReadSection<CorsOptions>("Cors").Check());
    }

    /// <summary>Reads only where the data is, for a command that needs nothing else.</summary>
    /// <exception cref="SettingException">A setting is missing or makes no sense.</exception>
    public static StorageOptions ReadStorage(IConfiguration configuration) =>
        configuration.ReadStorage(ReadMode(configuration) == ClusterMode.Clustered, Directory.GetCurrentDirectory());

    private static ClusterMode ReadMode(IConfiguration configuration)
    {
        var mode = configuration.ReadSection<ClusterOptions>("Cluster").Mode;
        return Enum.IsDefined(mode) ? mode : throw new SettingException("Cluster__Mode is wrong: it is Embedded or Clustered.");
    }
}
