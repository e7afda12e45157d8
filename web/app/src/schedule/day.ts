/** Days and times as they are where the user is. A day is `YYYY-MM-DD`. */

export function today(): string {
  return dayOf(new Date());
}

export function dayOf(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** When a day begins, or a time of it, `HH:MM`. */
export function timeOn(day: string, clock = "00:00"): Date {
  return new Date(`${day}T${clock}:00`);
}

export function shiftDay(day: string, days: number): string {
  const time = timeOn(day, "12:00");
  time.setDate(time.getDate() + days);
  return dayOf(time);
}

export function minuteOfDay(time: string | Date): number {
  const date = new Date(time);
  return date.getHours() * 60 + date.getMinutes();
}

export function clockTime(time: string | Date): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function clockOfMinute(minute: number): string {
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", year: "numeric" });

export function dayInWords(day: string, length: "long" | "short" = "long"): string {
  return (length === "long" ? longDay : shortDay).format(timeOn(day, "12:00"));
}

const shortMoment = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function momentInWords(time: string): string {
  return shortMoment.format(new Date(time));
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
