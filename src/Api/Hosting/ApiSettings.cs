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
        var mode = configuration.ReadSection<ClusterOptions>("Cluster").Mode;
        if (!Enum.IsDefined(mode))
        {
            throw new SettingException("Cluster__Mode is wrong: it is Embedded or Clustered.");
        }

        return new ApiSettings(
            mode,
            configuration.ReadStorage(mode == ClusterMode.Clustered, Directory.GetCurrentDirectory()),
            auth,
            configuration.ReadSection<LimitOptions>("Limits"),
            configuration.ReadSection<CorsOptions>("Cors").Check());
    }
}
