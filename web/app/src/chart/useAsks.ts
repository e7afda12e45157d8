import { patientTopic, type Signal } from "@clinic/realtime";
import { useRealtime, useTopicEvents, type PatientViewing } from "@clinic/realtime-react";
import { notifications } from "@mantine/notifications";
import { useMemo, useState } from "react";
import { useMe } from "../session/useSession";
import { useColleagues } from "../people/staff";
import { sectionInWords, type Section } from "./records";

const askName = "edit:ask";
const answerName = "edit:answer";

interface Ask {
  readonly section: Section;
  readonly to: string;
}

interface Answer extends Ask {
  readonly given: boolean;
}

/** Asking a colleague for the section that they edit. It is told on the chart itself and kept nowhere. */
export interface Asks {
  /** Who asks this user for a section. */
  readonly askedBy: (section: Section) => string | undefined;
  /** Whom this user asked for a section and who has not answered. */
  readonly asked: (section: Section) => string | undefined;
  readonly ask: (section: Section, holder: string) => void;
  /** Answers who asked. A section is given after its edit has ended. */
  readonly answer: (section: Section, given: boolean) => void;
  /** The section was got, or is not wanted any more. */
  readonly forget: (section: Section) => void;
}

type People = Readonly<Partial<Record<Section, string>>>;

export function useAsks(patientId: string, viewing: PatientViewing): Asks {
  const me = useMe();
  const client = useRealtime();
  const { nameOf } = useColleagues();
  const topic = patientTopic(patientId);
  const [askers, setAskers] = useState<People>({});
  const [asked, setAsked] = useState<People>({});
  const { beginEdit, editorOf } = viewing;

  const answered = ({ section, given }: Answer, by: string) => {
    setAsked((all) => ({ ...all, [section]: undefined }));
    if (!given) return void notifications.show({ title: `${nameOf(by)} keeps ${sectionInWords(section)}`, message: "They still need it. You can ask again, or take it over." });
    beginEdit(section).then(
      ({ granted }) => granted && notifications.show({ title: `${nameOf(by)} handed over ${sectionInWords(section)}`, message: "You can edit now." }),
      () => undefined, // The section says by itself who has it.
    );
  };

  const hear = ({ name, data, by }: Signal) => {
    if (!isAsk(data) || data.to !== me.user) return;
    if (name === askName) setAskers((all) => ({ ...all, [data.section]: by }));
    if (name === answerName && asked[data.section] === by) answered(data as Answer, by);
  };
  useTopicEvents(topic, { onSignal: hear });

  return useMemo(() => {
    const tell = (name: string, data: Ask | Answer) => {
      client.signal(topic, name, data).catch(() => {
        notifications.show({ color: "red", title: "Not told", message: "Your colleague could not be reached. Try again." });
        setAsked((all) => ({ ...all, [data.section]: undefined }));
      });
    };
    return {
      askedBy: (section) => askers[section],
      // Who has left it, or the chart, does not answer any more.
      asked: (section) => (editorOf(section)?.user === asked[section] ? asked[section] : undefined),
      ask: (section, holder) => {
        setAsked((all) => ({ ...all, [section]: holder }));
        tell(askName, { section, to: holder });
      },
      answer: (section, given) => {
        const to = askers[section];
        setAskers((all) => ({ ...all, [section]: undefined }));
        if (to) tell(answerName, { section, to, given } satisfies Answer);
      },
      forget: (section) => {
        setAskers((all) => ({ ...all, [section]: undefined }));
        setAsked((all) => ({ ...all, [section]: undefined }));
      },
    };
  }, [askers, asked, client, topic, editorOf]);
}

function isAsk(data: unknown): data is Ask {
  return typeof data === "object" && data !== null && typeof (data as Ask).section === "string" && typeof (data as Ask).to === "string";
}
