namespace Clinic.Settings;

/// <summary>A setting is missing or makes no sense; the message is one line for the operator and names the setting.</summary>
public sealed class SettingException : Exception
{
    /// <summary>Says nothing yet.</summary>
    public SettingException()
    {
    }

    /// <summary>Says what is wrong with which setting.</summary>
    public SettingException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong with which setting, and what found it out.</summary>
    public SettingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
