using System.Buffers;
using System.Text;
using MessagePack;

namespace Clinic.Realtime;

public sealed class JsonToMessagePackTests
{
    [Theory]
    [InlineData("""{"a":[1,-1,0.5,true,false,null,"",{}]}""")]
    [InlineData("""["é😀","\"\\\/\b\f\n\r\t","quote \u0022"]""")]
    [InlineData("""{"key \"with\" escapes\n":1}""")]
    [InlineData("9007199254740993")]
    [InlineData("-9223372036854775808")]
    [InlineData("18446744073709551615")]
    public void Values_come_out_as_they_went_in(string json)
    {
        using var expected = System.Text.Json.JsonDocument.Parse(json);
        using var actual = System.Text.Json.JsonDocument.Parse(MessagePackSerializer.ConvertToJson(Write(json)));
        Assert.True(System.Text.Json.JsonElement.DeepEquals(expected.RootElement, actual.RootElement), actual.RootElement.GetRawText());
    }

    [Theory]
    [InlineData("1e20", 1e20)]
    [InlineData("18446744073709551616", 18446744073709551616.0)]
    [InlineData("-1.5e-300", -1.5e-300)]
    public void A_number_that_is_no_integer_of_64_bits_is_a_double(string json, double expected) =>
        Assert.Equal(expected, new MessagePackReader(Write(json)).ReadDouble());

    [Theory]
    [InlineData("""["\ud800"]""")]
    [InlineData("""["\udc00\ud800"]""")]
    [InlineData("""{"\ud800x":1}""")]
    public void Half_a_surrogate_pair_is_replaced_and_nothing_else_breaks(string json) =>
        Assert.Contains("\uFFFD", MessagePackSerializer.ConvertToJson(Write(json)), StringComparison.Ordinal);

    private static byte[] Write(string json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        JsonToMessagePack.Write(ref writer, Encoding.UTF8.GetBytes(json));
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
