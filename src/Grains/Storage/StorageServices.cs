using Clinic.Charts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Storage;

namespace Clinic.Storage;

/// <summary>Sets up the database for a process and for Orleans in it.</summary>
public static class StorageServices
{
    /// <summary>The name of the grain storage in which streams keep who listens.</summary>
    public const string PubSubStore = "PubSubStore";

    /// <summary>The name of the grain storage for the clinic's own grains, which is also the default one.</summary>
    public const string GrainStore = "clinic";

    private const string PostgreSqlInvariant = "Npgsql";

    /// <summary>Orleans' word for SQLite, whatever the driver is.</summary>
    private const string SqliteInvariant = "System.Data.SQLite";

    /// <summary>The database and the stores above it; every process needs them.</summary>
    public static IServiceCollection AddClinicStorage(this IServiceCollection services, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        StorageThreads.Reserve(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<ClinicDatabase>();
        services.AddSingleton<IChartStore, ChartStore>();
        if (options.Provider == StorageProvider.PostgreSql)
        {
            services.AddSingleton<IEventStore, PostgreSqlEventStore>();
        }
        else
        {
            services.AddSingleton<IEventStore, SqliteEventStore>();
        }

        return services;
    }

    /// <summary>All that a silo keeps in the database: grain state, and on PostgreSQL also membership and reminders.</summary>
    public static ISiloBuilder UseClinicStorage(this ISiloBuilder silo, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        silo.UseClinicGrainStorage(options);
        if (options.Provider == StorageProvider.PostgreSql)
        {
            silo.UseClinicMembership(options);
            silo.UseAdoNetReminderService(reminders => reminders.Configure<ClinicDatabase>((o, database) =>
            {
                o.Invariant = PostgreSqlInvariant;
                o.DataSource = database.DataSource;
            }));
        }

        return silo;
    }

    /// <summary>Grain state alone, for a silo that has no company.</summary>
    public static ISiloBuilder UseClinicGrainStorage(this ISiloBuilder silo, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(options);
        silo.UseSystemTextJsonGrainStorageSerializer();
        silo.AddAdoNetGrainStorage(GrainStore, storage => storage.Configure<ClinicDatabase>(Set));
        // For grains that name no storage.
        silo.Services.TryAddSingleton(s => s.GetRequiredKeyedService<IGrainStorage>(GrainStore));
        // Orleans' own types, which only its own serializer knows.
        silo.AddAdoNetGrainStorage(PubSubStore, storage => storage.Configure<ClinicDatabase, IServiceProvider>((o, database, services) =>
        {
            Set(o, database);
            o.GrainStorageSerializer = ActivatorUtilities.CreateInstance<OrleansGrainStorageSerializer>(services);
        }));
        return silo;
    }

    /// <summary>The cluster's membership in PostgreSQL, for a silo.</summary>
    public static ISiloBuilder UseClinicMembership(this ISiloBuilder silo, StorageOptions options)
    {
        RefuseSqlite(options);
        return silo.UseAdoNetClustering(clustering => clustering.Configure<ClinicDatabase>((o, database) =>
        {
            o.Invariant = PostgreSqlInvariant;
            o.DataSource = database.DataSource;
        }));
    }

    /// <summary>The cluster's membership in PostgreSQL, for a process that is a client of the silos.</summary>
    public static IClientBuilder UseClinicMembership(this IClientBuilder client, StorageOptions options)
    {
        RefuseSqlite(options);
        return client.UseAdoNetClustering(clustering => clustering.Configure<ClinicDatabase>((o, database) =>
        {
            o.Invariant = PostgreSqlInvariant;
            o.DataSource = database.DataSource;
        }));
    }

    private static void Set(AdoNetGrainStorageOptions options, ClinicDatabase database)
    {
        options.Invariant = database.Provider == StorageProvider.PostgreSql ? PostgreSqlInvariant : SqliteInvariant;
        options.DataSource = database.DataSource;
        options.DeleteStateOnClear = true;
    }

    private static void RefuseSqlite(StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Provider != StorageProvider.PostgreSql)
        {
            throw new StorageSetupException("A cluster's membership needs PostgreSQL.");
        }
    }
}
