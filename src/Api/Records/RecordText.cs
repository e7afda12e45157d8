using Clinic.Topics;
using FluentValidation;

namespace Clinic.Records;

/// <summary>Rules for what people and other systems put into records.</summary>
internal static class RecordText
{
    /// <summary>An id by the contract's rule.</summary>
    public static IRuleBuilderOptions<T, string?> IsIdentifier<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(id => id is null || Identifier.IsValid(id))
            .WithMessage($"Must be an id of 1 to {Identifier.MaxLength} characters.");

    /// <summary>Text of a limited length that both databases can store: well-formed Unicode without NUL.</summary>
    public static IRuleBuilderOptions<T, string?> IsText<T>(this IRuleBuilder<T, string?> rule, int min, int max) =>
        rule.Must(text => text is null || (text.Length >= min && text.Length <= max && IsStorable(text)))
            .WithMessage($"Must be text of {min} to {max} characters without NUL.");

    /// <summary>One of a few words.</summary>
    public static IRuleBuilderOptions<T, string?> IsOneOf<T>(this IRuleBuilder<T, string?> rule, IReadOnlyList<string> words) =>
        rule.Must(word => word is null || words.Contains(word)).WithMessage($"Must be one of {string.Join(", ", words)}.");

    /// <summary>Whether both databases can store it: well-formed Unicode without NUL.</summary>
    public static bool IsStorable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
            {
                return false;
            }

            if (char.IsSurrogate(text[i]))
            {
                if (!char.IsSurrogatePair(text, i))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
