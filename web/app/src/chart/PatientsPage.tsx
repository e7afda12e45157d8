import { Card, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useState } from "react";
import { patientsQuery } from "../patients/patients";
import { Face } from "../people/Face";
import { Loaded } from "../shell/Loaded";
import { PageHead } from "../shell/PageHead";
import { ageOf, birthInWords } from "./age";
import classes from "./Chart.module.css";

const mostShown = 100;

/** Where one chooses whose chart to open. */
export function PatientsPage() {
  const [sought, setSought] = useState("");
  const query = useQuery(patientsQuery);
  return (
    <>
      <PageHead title="Patients" />
      <Stack gap="md" maw={720}>
        <TextInput
          type="search"
          label="Find a patient"
          placeholder="Name or date of birth"
          leftSection={<Search aria-hidden size={16} />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
        <Loaded query={query}>
          {({ items }) => {
            const found = items.filter((patient) => matches(patient, sought));
            return (
              <>
                <Text size="sm" c="dimmed" role="status">{found.length === 1 ? "1 patient" : `${found.length} patients`}</Text>
                {found.length > 0 && (
                  <Card withBorder padding={0} component="ul" m={0} style={{ listStyle: "none" }}>
                    {found.slice(0, mostShown).map(({ id, name, birthDate }) => (
                      <li key={id}>
                        <Link to="/patients/$patientId" params={{ patientId: id }} className={classes.patient ?? ""} data-patient={id}>
                          <Face user={id} name={name} size={36} />
                          <div style={{ minWidth: 0 }}>
                            <Text size="sm" fw={500} truncate>{name}</Text>
                            <Text size="xs" c="dimmed">Born {birthInWords(birthDate)}, {ageOf(birthDate)} years</Text>
                          </div>
                        </Link>
                      </li>
                    ))}
                  </Card>
                )}
                {found.length > mostShown && <Text size="sm" c="dimmed">The first {mostShown} are shown. Type more of the name.</Text>}
              </>
            );
          }}
        </Loaded>
      </Stack>
    </>
  );
}

function matches({ name, birthDate }: { name: string; birthDate: string }, sought: string): boolean {
  const words = `${name} ${birthDate} ${birthInWords(birthDate)}`.toLowerCase().split(/\s+/);
  return sought.toLowerCase().split(/\s+/).every((part) => words.some((word) => word.startsWith(part)));
}
