using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Clinic.Security;

/// <summary>Knows the service keys by their hashes.</summary>
internal sealed class ServiceKeys(IOptions<AuthOptions> options)
{
    private readonly byte[][] _hashes = [.. options.Value.ServiceKeys.Select(Hash)];

    /// <summary>
    /// Whether it is one of the keys. Hashes have one length, each is compared in constant time, and all of them are: the time taken tells
    /// neither how much of a key was right nor which one it was.
    /// </summary>
    public bool Contains(string presented)
    {
        var hash = Hash(presented);
        var found = false;
        foreach (var known in _hashes)
        {
            found |= CryptographicOperations.FixedTimeEquals(known, hash);
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
