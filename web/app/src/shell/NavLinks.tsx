import { Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import classes from "./Layout.module.css";
import { NavBadge } from "./NavBadge";
import { places, type Place } from "./places";

/** The navigation beside the page. */
export function NavLinks() {
  return (
    <Stack component="nav" aria-label="Main" gap={4}>
      {places.map((place) => (
        <PlaceLink key={place.to} place={place} className={classes.place ?? ""} iconSize={20} />
      ))}
    </Stack>
  );
}

/** The navigation below the page, on a phone. */
export function TabBar() {
  return (
    <nav aria-label="Main" className={classes.bar}>
      {places.map((place) => (
        <PlaceLink key={place.to} place={place} className={classes.tab ?? ""} iconSize={22} />
      ))}
    </nav>
  );
}

function PlaceLink({ place, className, iconSize }: { place: Place; className: string; iconSize: number }) {
  const badge = place.useBadge();
  return (
    <Link to={place.to} className={className}>
      <place.icon aria-hidden size={iconSize} strokeWidth={1.8} />
      <span>{place.label}</span>
      <NavBadge badge={badge} />
    </Link>
  );
}
