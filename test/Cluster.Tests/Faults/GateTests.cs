using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Clinic.Faults.Laboratory;

namespace Clinic.Faults;

/// <summary>What the schedules break with must break.</summary>
public sealed class GateTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_open_gate_hands_on_what_both_say_and_that_one_is_done()
    {
        await using var echo = new Echo();
        await using var gate = new Gate(IPAddress.Loopback, echo.EndPoint);
        using var client = await ConnectAsync(gate);
        Assert.Equal("hello", await AskAsync(client, "hello"));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(Limit));
    }

    [Fact]
    public async Task A_cut_resets_what_is_open_and_what_comes_until_it_is_mended()
    {
        await using var echo = new Echo();
        await using var gate = new Gate(IPAddress.Loopback, echo.EndPoint);
        using var client = await ConnectAsync(gate);
        Assert.Equal("before", await AskAsync(client, "before"));
        gate.Cut();
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(client, "after"));
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var next = await ConnectAsync(gate);
            await AskAsync(next, "meanwhile");
        });
        gate.Mend();
        using var last = await ConnectAsync(gate);
        Assert.Equal("mended", await AskAsync(last, "mended"));
    }

    [Fact]
    public async Task What_is_swallowed_goes_nowhere_and_nobody_hears_of_it_until_its_end()
    {
        await using var echo = new Echo();
        await using var gate = new Gate(IPAddress.Loopback, echo.EndPoint);
        using var client = await ConnectAsync(gate);
        Assert.Equal("before", await AskAsync(client, "before"));
        var end = gate.Swallow();
        var answer = AskAsync(client, "anybody there?");
        using var other = await ConnectAsync(gate);
        Assert.Equal("others pass", await AskAsync(other, "others pass"));
        Assert.False(answer.IsCompleted);
        end();
        await Assert.ThrowsAsync<SocketException>(() => answer);
    }

    [Fact]
    public async Task A_silent_gate_takes_connections_and_says_nothing_until_it_is_mended()
    {
        await using var echo = new Echo();
        await using var gate = new Gate(IPAddress.Loopback, echo.EndPoint);
        gate.Silence();
        using var client = await ConnectAsync(gate);
        var answer = AskAsync(client, "anybody there?");
        Assert.False(answer.IsCompleted);
        gate.Mend();
        await Assert.ThrowsAsync<SocketException>(() => answer);
        using var last = await ConnectAsync(gate);
        Assert.Equal("mended", await AskAsync(last, "mended"));
    }

    [Fact]
    public async Task A_slow_gate_takes_its_time_both_ways()
    {
        await using var echo = new Echo();
        await using var gate = new Gate(IPAddress.Loopback, echo.EndPoint);
        using var client = await ConnectAsync(gate);
        gate.Slow(TimeSpan.FromMilliseconds(150));
        var watch = Stopwatch.StartNew();
        Assert.Equal("slow", await AskAsync(client, "slow"));
        Assert.True(watch.ElapsedMilliseconds >= 290, $"{watch.ElapsedMilliseconds} ms");
    }

    private static async Task<Socket> ConnectAsync(Gate gate)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(gate.EndPoint).WaitAsync(Limit);
        return client;
    }

    private static async Task<string> AskAsync(Socket client, string text)
    {
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(text)).WaitAsync(Limit);
        var buffer = new byte[64];
        var read = await client.ReceiveAsync(buffer).WaitAsync(Limit);
        return System.Text.Encoding.ASCII.GetString(buffer, 0, read);
    }

    /// <summary>A server that says what it is told.</summary>
    private sealed class Echo : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Echo()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

        public ValueTask DisposeAsync()
        {
            _listener.Stop();
            return ValueTask.CompletedTask;
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = AnswerAsync(await _listener.AcceptSocketAsync());
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static async Task AnswerAsync(Socket client)
        {
            using (client)
            {
                var buffer = new byte[64];
                try
                {
                    int read;
                    while ((read = await client.ReceiveAsync(buffer)) > 0)
                    {
                        await client.SendAsync(buffer.AsMemory(0, read));
                    }
                }
                catch (SocketException)
                {
                    // Reset by the gate.
                }
            }
        }
    }
}
