const longDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export function birthInWords(birthDate: string): string {
  return longDay.format(new Date(`${birthDate}T00:00:00Z`));
}

/** Years since a day, `YYYY-MM-DD`. */
export function ageOf(birthDate: string, now = new Date()): number {
  const [year = 0, month = 1, day = 1] = birthDate.split("-").map(Number);
  const years = now.getFullYear() - year;
  return now.getMonth() + 1 < month || (now.getMonth() + 1 === month && now.getDate() < day) ? years - 1 : years;
}
