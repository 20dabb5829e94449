import { describe, expect, test } from "vitest";
import { createEgressGuard } from "../../src/tools/index.ts";

const PUBLIC = "93.184.215.14";
const publicName = async (): Promise<readonly string[]> => [PUBLIC];

/** The code of the refusal, or the addresses that may be connected to. */
async function verdict(url: string, allow: readonly string[] = [], resolve = publicName): Promise<unknown> {
  const checked = await createEgressGuard({ allow, resolve }).check(url);
  return checked.ok ? checked.value.addresses.map(({ address }) => address) : checked.error.code;
}

describe("without a word from the operator", () => {
  test.each([
    // loopback in every dress
    "http://127.0.0.1/",
    "http://127.0.0.1:3141/",
    "http://127.255.255.254/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http:127.0.0.1",
    "http://%31%32%37.0.0.1/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "HTTP://127.0.0.1/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    // names of this machine, whatever a resolver says
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://localhost:3141/",
    "http://a.localhost/",
    "http://localhost.localdomain/",
    "http://loc%61lhost/",
    "http://ⓛocalhost/",
    // unspecified and broadcast
    "http://0/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://[::]/",
    "http://255.255.255.255/",
    // private networks
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fec0::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[2002:0a00:0001::]/",
    // link-local, metadata, carrier
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/",
    "http://0xa9fea9fe/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://100.100.100.200/",
    "http://100.64.0.1/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    // multicast, documentation, reserved
    "http://224.0.0.1/",
    "http://[ff02::1]/",
    "http://192.0.2.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://198.18.0.1/",
    "http://240.0.0.1/",
    "http://192.88.99.1/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[2001:20::1]/",
    "http://[5f00::1]/",
    "http://[4000::1]/",
    // ports of something else than the web
    "http://example.com:25/",
    "https://example.com:22/",
    "http://example.com:6379/",
  ])("%s is closed", async (url) => {
    expect(await verdict(url)).toBe("blocked_address");
  });

  test.each([
    "",
    "example.com",
    "//example.com/",
    "http://",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://exa mple.com/",
    "http://1.1.1.1:99999/",
    "http://256.1.1.1/",
    "http://.example.com/",
    "http://example..com/",
    "http://example.com../",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "data:text/plain,hi",
    "unix:/var/run/docker.sock",
    "http+unix://x/",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "http://:secret@example.com/",
    "http://127.0.0.1@example.com/",
    "http://example.com@127.0.0.1/",
  ])("%j is no URL to call", async (url) => {
    expect(await verdict(url)).toBe("invalid_input");
  });

  test.each([
    ["http://example.com/", PUBLIC],
    ["https://EXAMPLE.com./path?q#f", PUBLIC],
    ["http://example.com:8080/", PUBLIC],
    ["http://bücher.example/", PUBLIC],
    ["http://1.1.1.1/", "1.1.1.1"],
    ["http://[2606:4700::1111]/", "2606:4700::1111"],
    ["http://[64:ff9b::101:101]/", "64:ff9b::101:101"],
    ["http://[::ffff:1.1.1.1]/", "1.1.1.1"],
  ])("%s is open", async (url, address) => {
    expect(await verdict(url)).toEqual([address]);
  });

  test.each([
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["::1"],
    ["::ffff:192.168.0.1"],
    ["fe80::1%eth0"],
    ["fd00:ec2::254"],
    [PUBLIC, "10.1.2.3"],
    ["2606:4700::1111", "::1"],
    ["not an address"],
  ])("a public name that leads to %s is closed", async (...addresses) => {
    expect(await verdict("http://intern.example.com/", [], async () => addresses)).toBe("blocked_address");
  });

  test("a refusal says how to open the host, and neither a password nor where the name leads", async () => {
    const guard = createEgressGuard({ allow: [], resolve: async () => ["10.9.8.7"] });
    expect(await guard.check("http://wiki.corp.example/")).toMatchObject({
      error: {
        message:
          'wiki.corp.example is not on the public internet, so it is not called. An operator can allow it: egress.allow: ["wiki.corp.example"] in claw.config.yaml.',
      },
    });
    expect(JSON.stringify(await guard.check("http://bob:hunter2@wiki.corp.example/"))).not.toMatch(/hunter2|bob/);
  });

  test("one form of a host comes out: lower case, no trailing dot", async () => {
    const checked = await createEgressGuard({ allow: [], resolve: publicName }).check("HTTPS://Example.COM.:8443/A?b");
    expect(checked).toMatchObject({ ok: true, value: { url: { href: "https://example.com:8443/A?b" } } });
  });
});

describe("what the operator opens", () => {
  const at = (address: string) => async () => [address];

  test.each<[string, string, (() => Promise<readonly string[]>)?]>([
    ["loopback", "http://127.0.0.1:3141/"],
    ["loopback", "http://127.8.8.8/"],
    ["loopback", "http://[::1]/"],
    ["loopback", "http://[::ffff:127.0.0.1]/"],
    ["loopback", "http://localhost./", at("127.0.0.1")],
    ["localhost", "http://localhost:80/", at("127.0.0.1")],
    ["Wiki.Corp.example.", "http://wiki.corp.example/", at("10.1.1.1")],
    ["wiki.corp.example:8080", "http://wiki.corp.example:8080/", at("10.1.1.1")],
    ["wiki.corp.example:80", "http://wiki.corp.example/", at("10.1.1.1")],
    ["wiki.corp.example:443", "https://wiki.corp.example/", at("10.1.1.1")],
    ["mail.example:25", "http://mail.example:25/", at(PUBLIC)],
    ["10.0.0.0/8", "http://10.200.0.1/"],
    ["10.0.0.0/8", "http://anything.example/", at("10.200.0.1")],
    ["10.0.0.0/8", "http://[::ffff:10.200.0.1]/"],
    ["fd12::/16", "http://[fd12::1]/"],
    ["192.168.1.5", "http://192.168.1.5:9000/"],
    ["192.168.1.5:9000", "http://192.168.1.5:9000/"],
    ["fd12::5", "http://[fd12::5]/"],
    ["[fd12::5]:9000", "http://[fd12::5]:9000/"],
    ["169.254.0.0/16", "http://169.254.169.254/"],
  ])("%s opens %s", async (entry, url, resolve) => {
    expect(await verdict(url, [entry], resolve)).toEqual([expect.any(String)]);
  });

  test.each<[string, string, (() => Promise<readonly string[]>)?]>([
    ["loopback", "http://10.0.0.1/"],
    ["loopback", "http://0.0.0.0/"],
    ["loopback", "http://[::]/"],
    ["loopback", "http://localhost/", at("10.0.0.1")],
    ["wiki.corp.example", "http://evil.wiki.corp.example/", at("10.1.1.1")],
    ["wiki.corp.example", "http://wiki.corp.example.evil.example/", at("10.1.1.1")],
    ["wiki.corp.example:8080", "http://wiki.corp.example/", at("10.1.1.1")],
    ["10.0.0.0/8", "http://11.0.0.1.example/", at("192.168.0.1")],
    ["192.168.1.5", "http://192.168.1.6/"],
    ["192.168.1.5:9000", "http://192.168.1.5/"],
    ["127.0.0.2", "http://127.0.0.1/"],
    // a host opened by name is still no way to the credentials of the machine
    ["wiki.corp.example", "http://wiki.corp.example/", at("169.254.169.254")],
    ["wiki.corp.example", "http://wiki.corp.example/", at("100.100.100.200")],
    ["wiki.corp.example", "http://wiki.corp.example/", at("fd00:ec2::254")],
    ["wiki.corp.example", "http://wiki.corp.example:25/", at("10.1.1.1")],
  ])("%s does not open %s", async (entry, url, resolve) => {
    expect(await verdict(url, [entry], resolve)).toBe("blocked_address");
  });

  test.each([
    "",
    "*.example.com",
    "http://example.com",
    "example.com/path",
    "10.0.0.0/33",
    "a b",
    "user@host",
    "host:99999",
  ])("%j is no entry", (entry) => {
    expect(() => createEgressGuard({ allow: ["loopback", entry] })).toThrow(`egress.allow: "${entry}" is none of`);
  });
});

describe("names", () => {
  const failing = (code: string) => async (): Promise<never> => {
    throw Object.assign(new Error(`getaddrinfo ${code}`), { code });
  };

  test("that do not exist are not found; a resolver that is down is an outage", async () => {
    expect(await verdict("http://nowhere.example/", [], failing("ENOTFOUND"))).toBe("not_found");
    expect(await verdict("http://nowhere.example/", [], async () => [])).toBe("not_found");
    expect(await verdict("http://nowhere.example/", [], failing("EAI_AGAIN"))).toBe("service_unavailable");
  });

  test("are not waited for beyond the signal", async () => {
    const guard = createEgressGuard({ allow: [], resolve: () => new Promise(() => undefined) });
    expect(await guard.check("http://slow.example/", AbortSignal.timeout(10))).toMatchObject({
      error: { code: "timeout" },
    });
    expect(await guard.check("http://slow.example/", AbortSignal.abort())).toMatchObject({
      error: { code: "timeout" },
    });
  });

  test("are resolved by the system when nobody else is named", async () => {
    const guard = createEgressGuard({ allow: ["loopback"] });
    expect(await guard.check("http://localhost/")).toMatchObject({ ok: true });
  });
});
