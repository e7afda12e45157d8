import { useSyncExternalStore } from "react";

const storageKey = "clinic.sound";
const listeners = new Set<() => void>();
let context: AudioContext | null = null;

/** Whether what is urgent may be heard; off until somebody wants it. */
export function useSoundSetting(): readonly [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    isOn,
  );
  return [on, setSound];
}

function isOn(): boolean {
  try {
    return localStorage.getItem(storageKey) === "on";
  } catch {
    return false; // Storage is switched off.
  }
}

function setSound(on: boolean): void {
  localStorage.setItem(storageKey, on ? "on" : "off");
  for (const tell of listeners) tell();
  // Heard at once, so that one knows what it will be; and a browser plays nothing before a person did something.
  if (on) playUrgent();
}

/** Two short tones, if sound is on. */
export function playUrgent(): void {
  if (!isOn()) return;
  context ??= new AudioContext();
  void context.resume();
  const start = context.currentTime;
  for (const [at, frequency] of [[0, 880], [0.18, 1175]] as const) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, start + at);
    volume.gain.exponentialRampToValueAtTime(0.2, start + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.18);
  }
}
