using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Clinic.Storage;

/// <summary>How the settings become a connection string.</summary>
public sealed class StorageOptionsTests
{
    [Fact]
    public void Nothing_configured_means_a_file_below_data()
    {
        var options = Read(clustered: false);

        Assert.Equal(StorageProvider.Sqlite, options.Provider);
        Assert.Equal("data/clinic.db", new SqliteConnectionStringBuilder(options.Complete()).DataSource);
    }

    [Fact]
    public void A_cluster_without_a_connection_string_says_which_setting_is_missing()
    {
        var e = Assert.Throws<StorageSetupException>(() => Read(clustered: true));

        Assert.Contains("ConnectionStrings__Clinic is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_on_sqlite_is_refused()
    {
        var e = Assert.Throws<StorageSetupException>(() => Read(clustered: true, ("Storage:Provider", "sqlite")));

        Assert.Contains("A cluster needs PostgreSQL", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_provider_is_refused() =>
        Assert.Throws<StorageSetupException>(() => Read(clustered: false, ("Storage:Provider", "oracle")));

    [Fact]
    public void What_the_connection_string_says_counts_and_the_rest_has_defaults()
    {
        var options = Read(clustered: true, ("ConnectionStrings:Clinic", "Host=db;CommandTimeout=9;Max Auto Prepare=0"));

        var settings = new NpgsqlConnectionStringBuilder(options.Complete());
        Assert.Equal((3, 9, 10, 15, 0), (settings.Timeout, settings.CommandTimeout, settings.KeepAlive, settings.MaxPoolSize, settings.MaxAutoPrepare));
    }

    [Theory]
    [InlineData("postgres://clinic:open-sesame@db/clinic")]
    [InlineData("Host=db;Port=open-sesame")]
    [InlineData("Host=db;open-sesame=1")]
    public void A_connection_string_that_can_not_be_read_is_not_quoted(string text)
    {
        var e = Assert.Throws<StorageSetupException>(() => Read(clustered: true, ("ConnectionStrings:Clinic", text)));

        Assert.Contains("ConnectionStrings__Clinic", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", e.ToString(), StringComparison.Ordinal);
    }

    private static StorageOptions Read(bool clustered, params (string Key, string Value)[] settings) => StorageOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build(), clustered);
}
