import { expect, test } from "vitest";
import { limitOf, minuteOf, nextMinute, serviceOfCall } from "../../../src/orchestrator/services/service-name.ts";
import {
  channelTools,
  createEgressGuard,
  fail,
  finish,
  httpTools,
  type ToolContract,
} from "../../../src/tools/index.ts";

const no = async () => fail("not_permitted", "no");
const noChannels = { post: no, read: no, pin: no, react: no };
const tools = [
  ...httpTools({ guard: createEgressGuard({ allow: [] }), userAgent: "test" }),
  ...channelTools(noChannels),
  finish,
];
const tool = (name: string): ToolContract => {
  const found = tools.find((each) => each.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  return found;
};

test("a call over HTTP goes to its host, with the port when it is not the usual one", () => {
  const service = (url: string) => serviceOfCall(tool("http_get"), { url, headers: {} });
  expect(service("https://API.example.com/a?b=c")).toBe("http:api.example.com");
  expect(service("https://api.example.com:443/")).toBe("http:api.example.com");
  expect(service("http://api.example.com:8080/")).toBe("http:api.example.com:8080");
});

test("posts to channels and the end of a run go to no outside service", () => {
  expect(serviceOfCall(tool("channel_post"), { channel: "ops", text: "hi" })).toBe(null);
  expect(serviceOfCall(finish, {})).toBe(null);
});

test("a tool that always goes to one place is a service by its name", () => {
  const fixed: ToolContract = { ...tool("http_get"), name: "weather", egress: "fixed" };
  expect(serviceOfCall(fixed, {})).toBe("tool:weather");
});

test("limits are found by model, host and tool; nothing else has one", () => {
  const limits = { model: 60, "api.example.com": 30, "db:5432": 5, "tool:weather": 2 };
  expect(limitOf(limits, "model:api.openai.com")).toBe(60);
  expect(limitOf(limits, "http:api.example.com")).toBe(30);
  expect(limitOf(limits, "http:db:5432")).toBe(5);
  expect(limitOf(limits, "tool:weather")).toBe(2);
  expect(limitOf(limits, "http:other.example.com")).toBe(null);
  expect(limitOf(limits, "http:constructor")).toBe(null);
});

test("a minute is the clock's", () => {
  const now = new Date("2026-05-04T10:00:59.999Z");
  expect(minuteOf(now)).toEqual(new Date("2026-05-04T10:00:00Z"));
  expect(nextMinute(now)).toEqual(new Date("2026-05-04T10:01:00Z"));
});
