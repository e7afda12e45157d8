using DbUp.Engine;

namespace Clinic.Storage;

/// <summary>The numbered upgrades of the schema, as they lie in <c>Schema/</c>. A script that was released is never changed.</summary>
internal static class SchemaScripts
{
    /// <summary>All scripts of a database's kind, in their order.</summary>
    public static IReadOnlyList<SqlScript> Of(StorageProvider provider)
    {
        var assembly = typeof(SchemaScripts).Assembly;
        var folder = $".Schema.{provider}.";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.Contains(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => SqlScript.FromStream(
                name[(name.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..], assembly.GetManifestResourceStream(name)!))];
    }
}
