// Socket.IO as a team would run it: Express beside it, JWT in the handshake, rooms that are checked, and with REDIS_URL the Redis adapter.
// Told by the environment: PORT, SIGNING_KEY, SERVICE_KEY, REDIS_URL. SIGUSR2 collects garbage (node --expose-gc) and answers with a line.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import express from "express";
import jwt from "jsonwebtoken";
import { createClient } from "redis";
import { Server } from "socket.io";

const { PORT, SIGNING_KEY, SERVICE_KEY, REDIS_URL } = process.env;
const app = express();
const server = createServer(app);
const io = new Server(server, { transports: ["websocket"], serveClient: false });

if (REDIS_URL) {
  const publishing = createClient({ url: REDIS_URL });
  const subscribing = publishing.duplicate();
  for (const client of [publishing, subscribing]) client.on("error", (error) => console.error(error.message));
  await Promise.all([publishing.connect(), subscribing.connect()]);
  io.adapter(createAdapter(publishing, subscribing));
}

// Who takes part in which thread; every process is told.
const participants = new Map();

const roomOf = (tenant, topic) => `${tenant}/${topic}`;

const mayJoin = ({ tenant, sub }, topic) =>
  topic === "tenant" || (topic.startsWith("thread:") && participants.get(roomOf(tenant, topic))?.has(sub) === true);

io.use((socket, next) => {
  try {
    socket.data.claims = jwt.verify(socket.handshake.auth.token, SIGNING_KEY, { algorithms: ["HS256"] });
    next();
  } catch {
    next(new Error("unauthenticated"));
  }
});

io.on("connection", (socket) => {
  const { tenant, sub } = socket.data.claims;
  socket.on("join", (topic, answer) => {
    if (typeof topic !== "string" || !mayJoin(socket.data.claims, topic)) return answer({ error: "not_found" });
    socket.join(roomOf(tenant, topic));
    answer({ topic });
  });
  socket.on("signal", (topic, name, data) => {
    const room = roomOf(tenant, topic);
    if (socket.rooms.has(room)) socket.to(room).emit("signal", { topic, name, data, by: sub });
  });
});

app.disable("x-powered-by");
app.get("/health/ready", (_request, response) => response.send("ready"));
app.use("/api", express.json(), (request, response, next) => {
  if (request.get("authorization") === `ServiceKey ${SERVICE_KEY}`) next();
  else response.sendStatus(401);
});
app.post("/api/events", (request, response) => {
  const { topic, type, id, data } = request.body;
  io.to(roomOf(request.get("x-tenant"), topic)).emit("event", { topic, type, id, data });
  response.sendStatus(202);
});
app.post("/api/messaging", (request, response) => {
  participants.set(roomOf(request.get("x-tenant"), `thread:${request.body.id}`), new Set(request.body.participants));
  response.sendStatus(201);
});

process.on("SIGUSR2", () => {
  globalThis.gc?.();
  console.log("collected");
});
process.on("SIGTERM", () => process.exit(0));
server.listen(Number(PORT), "127.0.0.1");
