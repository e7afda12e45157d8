namespace Clinic.Storage;

/// <summary>
/// The database can't be used as it is: not reachable, not configured, or newer than this program. The message is meant for whoever operates
/// it, names the setting and holds no password; the process should print it and end.
/// </summary>
public sealed class StorageSetupException : Exception
{
    /// <summary>Says what is wrong and what to do about it.</summary>
    public StorageSetupException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong and what to do about it, and why.</summary>
    public StorageSetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Says nothing but that storage can't be used.</summary>
    public StorageSetupException()
    {
    }
}
