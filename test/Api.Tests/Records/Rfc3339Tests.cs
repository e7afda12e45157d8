namespace Clinic.Records;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2031-06-01T09:30:00Z", "2031-06-01T09:30:00.000Z")]
    [InlineData("2031-06-01t09:30:00.1239999z", "2031-06-01T09:30:00.123Z")]
    [InlineData("2031-06-01T09:30:00.123456789+14:00", "2031-05-31T19:30:00.123Z")]
    [InlineData("2031-06-01T00:00:00-00:30", "2031-06-01T00:30:00.000Z")]
    [InlineData("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z")]
    public void A_time_with_any_offset_is_read_and_written_in_UTC(string text, string utc)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(utc, Rfc3339.Format(time));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2031-06-01")]
    [InlineData("2031-06-01T09:30:00")]
    [InlineData("2031-06-01T09:30Z")]
    [InlineData("2031-06-01 09:30:00Z")]
    [InlineData("2031-02-30T09:30:00Z")]
    [InlineData("2031-06-01T24:30:00Z")]
    [InlineData("2031-06-01T09:30:00+0200")]
    [InlineData("2031-06-01T09:30:00Z\n")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("٢٠٣١-06-01T09:30:00Z")]
    public void Anything_else_is_refused(string? text) => Assert.False(Rfc3339.TryParse(text, out _));
}
