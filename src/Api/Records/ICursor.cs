namespace Clinic.Records;

/// <summary>A place in a list, opaque to clients: its text is the <c>next</c> of a page.</summary>
internal interface ICursor<TSelf>
    where TSelf : class, ICursor<TSelf>
{
    /// <summary>Reads the text of one.</summary>
    /// <returns>False for text that is none.</returns>
    static abstract bool TryParse(string text, out TSelf? cursor);
}
