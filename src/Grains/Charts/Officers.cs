namespace Clinic.Charts;

/// <summary>Those who are to hear that a restricted chart was opened with a reason.</summary>
/// <param name="Users">Their ids, none of them twice.</param>
/// <param name="IsWhole">
/// Whether these are all. Not so while the clinic does not say who is present, and while there is nobody: the notification stays owed then.
/// </param>
internal sealed record Officers(IReadOnlyList<string> Users, bool IsWhole);

/// <summary>Those who are online with the role, as far as the clinic says.</summary>
/// <param name="Users">Their ids.</param>
/// <param name="IsWhole">Whether the clinic answered, and has heard from all its hosts.</param>
internal sealed record OfficersOnline(IReadOnlyList<string> Users, bool IsWhole);
