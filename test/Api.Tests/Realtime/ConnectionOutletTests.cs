using Clinic.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Clinic.Realtime;

public sealed class ConnectionOutletTests
{
    private readonly RelayOptions _options = new() { MaxWaitingMessages = 10, MaxWaitingBytes = 100_000 };
    private readonly List<string> _written = [];
    private readonly Queue<TaskCompletionSource> _writes = new();
    private Func<SerializedHubMessage, ValueTask> _write;
    private int _aborts;

    public ConnectionOutletTests()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        _write = WriteAtOnce;
    }

    [Fact]
    public void What_waited_for_a_slow_client_goes_out_in_order()
    {
        var outlet = Outlet();
        _write = WriteSlowly;
        Send(outlet, 1, 4);
        Assert.Equal(["1"], _written);
        Drain();
        Assert.Equal(["1", "2", "3", "4"], _written);
        Assert.Equal(0, _aborts);
    }

    [Fact]
    public void A_client_that_does_not_read_is_cut_off_at_the_bound_of_messages_and_gets_nothing_after_it()
    {
        var outlet = Outlet();
        _write = WriteSlowly;
        Send(outlet, 1, _options.MaxWaitingMessages + 1);
        Assert.Equal(0, _aborts);
        Send(outlet, 100, 105);
        Assert.Equal(1, _aborts);
        Drain();
        Assert.Equal(["1"], _written);
    }

    [Fact]
    public void A_client_that_does_not_read_is_cut_off_at_the_bound_of_bytes()
    {
        var outlet = Outlet();
        _write = WriteSlowly;
        outlet.Send(Message("1"), 1);
        outlet.Send(Message("2"), _options.MaxWaitingBytes);
        Assert.Equal(0, _aborts);
        outlet.Send(Message("3"), 1);
        Assert.Equal(1, _aborts);
    }

    [Fact]
    public void What_was_written_no_longer_counts_for_the_bound()
    {
        var outlet = Outlet();
        _write = WriteSlowly;
        for (var i = 0; i < 5; i++)
        {
            Send(outlet, 1, _options.MaxWaitingMessages);
            outlet.Send(Message("large"), _options.MaxWaitingBytes - _options.MaxWaitingMessages);
            Drain();
        }

        Assert.Equal(0, _aborts);
    }

    [Fact]
    public void The_end_comes_after_everything_that_waits_and_nothing_after_it()
    {
        var outlet = Outlet();
        _write = WriteSlowly;
        Send(outlet, 1, 3);
        outlet.End();
        Send(outlet, 4, 4);
        Assert.Equal(0, _aborts);
        Drain();
        Assert.Equal(["1", "2", "3"], _written);
        Assert.Equal(1, _aborts);
    }

    [Fact]
    public void A_connection_with_nothing_to_write_ends_at_once()
    {
        var outlet = Outlet();
        Send(outlet, 1, 1);
        outlet.End();
        Assert.Equal(1, _aborts);
    }

    [Fact]
    public void A_connection_that_is_ended_while_a_message_is_just_being_written_ends()
    {
        ConnectionOutlet outlet = null!;
        outlet = new ConnectionOutlet(
            m =>
            {
                // Another thread ends it: its token is over, or the host stops.
                outlet.End();
                return WriteAtOnce(m);
            },
            () => _aborts++,
            _options,
            new RelayMetrics(new NoMeters()));
        Send(outlet, 1, 1);
        Assert.Equal(1, _aborts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_write_that_fails_ends_the_connection_and_does_not_reach_who_sends(bool atOnce)
    {
        var outlet = Outlet();
        _write = _ => atOnce ? throw new InvalidOperationException() : ValueTask.FromException(new InvalidOperationException());
        Send(outlet, 1, 3);
        Assert.Equal(1, _aborts);
    }

    private ConnectionOutlet Outlet() => new(m => _write(m), () => _aborts++, _options, new RelayMetrics(new NoMeters()));

    private ValueTask WriteAtOnce(SerializedHubMessage message)
    {
        _written.Add(((InvocationMessage)message.Message!).Target);
        return ValueTask.CompletedTask;
    }

    private ValueTask WriteSlowly(SerializedHubMessage message)
    {
        _written.Add(((InvocationMessage)message.Message!).Target);
        var write = new TaskCompletionSource();
        _writes.Enqueue(write);
        return new ValueTask(write.Task);
    }

    private void Drain()
    {
        while (_writes.TryDequeue(out var write))
        {
            write.SetResult();
        }
    }

    private static void Send(ConnectionOutlet outlet, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            outlet.Send(Message($"{i}"), 1);
        }
    }

    private static SerializedHubMessage Message(string name) => new(new InvocationMessage(name, []));
}
