using System.Diagnostics.CodeAnalysis;
using Clinic;

/// <summary>What the runtime calls ahead of the program, for <c>DOTNET_STARTUP_HOOKS</c>.</summary>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime looks for this name outside of any namespace.")]
internal static class StartupHook
{
    public static void Initialize() => KillAfterCommit.Arm();
}
