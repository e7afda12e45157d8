using Clinic.Records;
using FluentValidation;

namespace Clinic.Escalation;

/// <summary>The body that sets a clinic's policy, all of it: a priority that is left out, or null, gets the default.</summary>
internal sealed record NewEscalationPolicy(NewEscalationRule? Urgent, NewEscalationRule? High, NewEscalationRule? Normal, NewEscalationRule? Low)
{
    /// <summary>The policy it makes.</summary>
    public EscalationPolicy ToPolicy() => new(
        Urgent?.ToRule() ?? EscalationPolicy.Default.Urgent,
        High?.ToRule() ?? EscalationPolicy.Default.High,
        Normal?.ToRule() ?? EscalationPolicy.Default.Normal,
        Low?.ToRule() ?? EscalationPolicy.Default.Low);

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewEscalationPolicy>
    {
        public Validator()
        {
            var rule = new NewEscalationRule.Validator();
            RuleFor(p => p.Urgent!).SetValidator(rule);
            RuleFor(p => p.High!).SetValidator(rule);
            RuleFor(p => p.Normal!).SetValidator(rule);
            RuleFor(p => p.Low!).SetValidator(rule);
        }
    }
}

/// <summary>The rule of a priority.</summary>
internal sealed record NewEscalationRule(int? AfterSeconds, IReadOnlyList<string?>? List)
{
    /// <summary>The rule it makes.</summary>
    public EscalationRule ToRule() => new(AfterSeconds!.Value, [.. List!.Select(user => user!)]);

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewEscalationRule>
    {
        public Validator()
        {
            RuleFor(r => r.AfterSeconds).NotNull()
                .Must(s => s is null or (>= 1 and <= EscalationRule.MaxSeconds)).WithMessage($"Must be from 1 to {EscalationRule.MaxSeconds}.");
            RuleFor(r => r.List).NotNull()
                .Must(l => l is null || l.Count <= EscalationRule.MaxList).WithMessage($"Must be at most {EscalationRule.MaxList} users.")
                .Must(l => l is null || l.Distinct(StringComparer.Ordinal).Count() == l.Count).WithMessage("Must name each user once.");
            RuleForEach(r => r.List).NotNull().IsIdentifier();
        }
    }
}
