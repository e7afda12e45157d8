// How pages are looked at. Two of the four have every colour and every width; CLINIC_LOOKS=all takes all of them.
const all = [
  { look: "light", size: "desktop", colors: "light" },
  { look: "dark", size: "desktop", colors: "dark" },
  { look: "phone", size: "phone", colors: "light" },
  { look: "phone-dark", size: "phone", colors: "dark" },
];

export const looks = process.env.CLINIC_LOOKS === "all" ? all : all.filter(({ look }) => look === "light" || look === "phone-dark");
