const names: Readonly<Record<string, string>> = {
  provider: "Provider",
  nurse: "Nurse",
  staff: "Front desk",
  admin: "Admin",
  privacy_officer: "Privacy officer",
  patient: "Patient",
};

export function roleName(role: string): string {
  return names[role] ?? role;
}
