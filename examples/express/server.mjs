import { randomUUID } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { ClinicPublisher } from "@clinic/publisher";
import express from "express";

const { PORT = "3000", TENANT = "north", APPOINTMENTS = "appointments.jsonl", CLINIC_URL = "http://127.0.0.1:5080", CLINIC_SERVICE_KEY } = process.env;
const publisher = new ClinicPublisher({ url: CLINIC_URL, serviceKey: CLINIC_SERVICE_KEY });
const app = express().use(express.json());

app.post("/appointments", async (request, response) => {
  const { patient, startsAt } = request.body;
  const appointment = { id: randomUUID(), patient, startsAt };
  await appendFile(APPOINTMENTS, JSON.stringify(appointment) + "\n");
  publisher.appointmentCreated(TENANT, appointment, appointment.id); // the line that makes it live
  response.status(201).location(`/appointments/${appointment.id}`).json(appointment);
});

const server = app.listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => server.close(() => publisher.close()));
