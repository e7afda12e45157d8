/** Whether somebody may see who had a chart open, and restrict it. The server decides; this spares them a page that says no. */
export function answersForPrivacy({ roles }: { readonly roles: readonly string[] }): boolean {
  return roles.includes("admin") || roles.includes("privacy_officer");
}
