using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Clinic.Settings;

/// <summary>Reads options before there is a host, so that a wrong setting ends the process with one line instead of a stack trace.</summary>
public static class SettingReader
{
    /// <summary>Binds and validates one section.</summary>
    /// <exception cref="SettingException">A value can't be read or is out of its range.</exception>
    public static T ReadSection<T>(this IConfiguration configuration, string section)
        where T : class, new()
    {
        ArgumentNullException.ThrowIfNull(configuration);
        T options;
        try
        {
            options = configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException e)
        {
            // The binder's message names the key; the value stays out, it may be a secret.
            var key = configuration.GetSection(section).AsEnumerable().Select(pair => pair.Key)
                .Where(key => e.Message.Contains($"'{key}'", StringComparison.OrdinalIgnoreCase))
                .MaxBy(key => key.Length) ?? section;
            throw new SettingException($"{NameOf(key)} can't be read: it has the wrong form.", e);
        }

        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
        {
            var fault = faults[0];
            throw new SettingException($"{NameOf($"{section}:{fault.MemberNames.FirstOrDefault()}")} is wrong: {fault.ErrorMessage}");
        }

        return options;
    }

    /// <summary>A key as an environment variable has it.</summary>
    public static string NameOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Replace(":", "__", StringComparison.Ordinal);
    }
}
