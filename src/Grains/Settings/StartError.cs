using Clinic.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Clinic.Settings;

/// <summary>Puts what an operator can mend into one line; anything else is a bug and keeps its stack trace.</summary>
public static class StartError
{
    /// <summary>The line, or null for a bug.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        SettingException or StorageSetupException => exception.Message.ReplaceLineEndings(" "),
        OptionsValidationException options => string.Join(" ", options.Failures),
        IOException { InnerException: AddressInUseException } address => address.Message,
        _ => null,
    };
}
