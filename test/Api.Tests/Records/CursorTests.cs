using System.Buffers.Text;
using System.Text;

namespace Clinic.Records;

public sealed class CursorTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("with space /+é🩺")]
    public void A_cursor_is_read_as_it_was_written(string id)
    {
        var cursor = new Cursor(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero).AddTicks(1234560), id);

        Assert.True(Cursor.TryParse(cursor.ToString(), out var read));
        Assert.Equal(cursor, read);
        Assert.DoesNotContain(cursor.ToString(), c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("-1 a")]
    [InlineData("9223372036854775807 a")]
    [InlineData("99999999999999999999 a")]
    [InlineData("1 a\0")]
    [InlineData("x a")]
    public void Anything_else_is_refused(string text) =>
        Assert.False(Cursor.TryParse(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)), out _));

    [Theory]
    [InlineData("!")]
    [InlineData("a")]
    [InlineData("MSBh=")]
    [InlineData("_____w")]
    public void Garbage_is_refused(string text) => Assert.False(Cursor.TryParse(text, out _));
}
