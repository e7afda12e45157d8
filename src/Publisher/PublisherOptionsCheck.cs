using Microsoft.Extensions.Options;

namespace Clinic.Publisher;

/// <summary>Refuses options that can't work when the host starts, each in a sentence that names it.</summary>
internal sealed class PublisherOptionsCheck(bool overHttp) : IValidateOptions<ClinicPublisherOptions>
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, ClinicPublisherOptions options)
    {
        var faults = new List<string>();
        if (overHttp)
        {
            Check(IsUrl(options.Url), "Url is the Clinic Api's address: http or https, without query, such as https://clinic.internal.");
            // The key itself stays out of the message.
            Check(
                !string.IsNullOrEmpty(options.ServiceKey) && options.ServiceKey.All(c => c is > ' ' and < '\x7f'),
                "ServiceKey is one of the Api's Auth__ServiceKeys: printable ASCII without spaces.");
        }

        Check(options.Capacity >= 1, "Capacity is at least 1.");
        Check(options.MaxQueuedBytes >= OutgoingEvent.MaxDataBytes, $"MaxQueuedBytes is at least {OutgoingEvent.MaxDataBytes}, the size of one event.");
        Check(options.Concurrency is >= 1 and <= 1000, "Concurrency is 1 to 1000.");
        Check(IsSpan(options.GiveUpAfter), "GiveUpAfter is above zero and at most a day.");
        Check(IsSpan(options.AttemptTimeout), "AttemptTimeout is above zero and at most a day.");
        Check(options.DrainTimeout == TimeSpan.Zero || IsSpan(options.DrainTimeout), "DrainTimeout is zero to a day.");
        Check(options.Json is not null, "Json is null; leave it alone for the default.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add($"{nameof(ClinicPublisherOptions)}.{fault}");
            }
        }
    }

    private static bool IsSpan(TimeSpan span) => span > TimeSpan.Zero && span <= LongestTimer;

    private static bool IsUrl(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Query.Length == 0
        && uri.Fragment.Length == 0
        && uri.UserInfo.Length == 0;
}
