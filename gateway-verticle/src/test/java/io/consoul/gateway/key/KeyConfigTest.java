package io.consoul.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.consoul.message.Owner;
import io.consoul.message.Tenant;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The configuration of API keys")
class KeyConfigTest {

  private static final String KEY = "sk-0123456789abcdef";
  private static final String OTHER = "sk-fedcba9876543210";

  /** Of some other key. */
  private static final String SHA_256 =
      "2ac346d8f6a64eb1ba1a9ee0ba1cd7ac8a5c1a07b0e8be0d4a7b3f0b7f5b8c11";

  private final ConfigReport report = new ConfigReport();
  private Overrides overrides;

  private KeyConfig read(String json, Map<String, String> environment) {
    overrides = new Overrides(environment);
    ConfigReader reader = ConfigReader.of("gateway.json", new JsonObject(json), overrides, report);
    return KeyConfig.from(reader.section("auth"));
  }

  private KeyConfig keys(String json) {
    return read(new JsonObject().put("auth", new JsonObject(json)).encode(), Map.of());
  }

  private KeyConfig keysOf(String variable) {
    return read("{}", Map.of("CONSOUL_API_KEYS", variable));
  }

  @Test
  @DisplayName("has no keys by default, and says where they are looked for")
  void defaults() {
    KeyConfig config = keys("{}");

    assertThat(config.keys()).isEmpty();
    assertThat(config.header()).isEqualTo("X-API-Key");
    assertThat(config.query()).isEqualTo("api_key");
    assertThat(config.bypassPaths())
        .containsExactlyInAnyOrder("/health", "/ready", "/openapi.json");
    assertThat(report.problems()).isEmpty();
  }

  @Test
  @DisplayName(
      "takes a key as a string: it is in the default tenant, and its sessions in a list of its own")
  void plain() {
    ApiKey key = keys("{\"keys\":[\"" + KEY + "\"]}").keys().get(0);

    assertThat(key.hash()).isEqualTo(KeyHash.of(KEY));
    assertThat(key.id()).matches("key-[0-9a-f]{8}");
    assertThat(key.tenant()).isEqualTo(Tenant.DEFAULT);
    assertThat(key.owner()).isEqualTo(new Owner(key.id()));
    assertThat(key.tier()).isNull();
    assertThat(key.expiresAt()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"expiresAt", "expires_at"})
  @DisplayName("takes a key as an object with id, tenant, tier and expiry")
  void object(String expiry) {
    ApiKey key = keys("{\"keys\":[{\"key\":\"" + KEY + "\",\"id\":\"web\",\"tenant\":\"acme\","
            + "\"tier\":\"gold\",\"" + expiry + "\":\"2030-01-01T02:00:00+02:00\"}]}")
        .keys()
        .get(0);

    assertThat(report.problems()).isEmpty();
    assertThat(key)
        .isEqualTo(new ApiKey(
            KeyHash.of(KEY),
            "web",
            new Tenant("acme"),
            null,
            "gold",
            Instant.parse("2030-01-01T00:00:00Z")));
    assertThat(key.isExpired(Instant.parse("2029-12-31T23:59:59.999Z"))).isFalse();
    assertThat(key.isExpired(Instant.parse("2030-01-01T00:00:00Z"))).isTrue();
  }

  @Test
  @DisplayName("takes the variable's comma list, with references in it, instead of the file's")
  void commaList(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("key"), OTHER + "\n");
    KeyConfig config = read(
        "{\"auth\":{\"keys\":[\"sk-of-the-file-itself\"]}}",
        Map.of(
            "CONSOUL_API_KEYS",
            " " + KEY + " ,${file:" + file + "},${env:THIRD},",
            "THIRD",
            "sk-third-0123456789"));

    assertThat(config.keys())
        .extracting(ApiKey::hash)
        .containsExactly(KeyHash.of(KEY), KeyHash.of(OTHER), KeyHash.of("sk-third-0123456789"));
    assertThat(report.problems()).isEmpty();
  }

  @Test
  @DisplayName("takes the variable's JSON list of strings and objects")
  void jsonList() {
    KeyConfig config = keysOf(
        "[\"" + KEY + "\",{\"sha256\":\"" + SHA_256 + "\",\"id\":\"b\",\"tenant\":\"acme\"}]");

    assertThat(report.problems()).isEmpty();
    assertThat(config.keys())
        .extracting(ApiKey::hash)
        .containsExactly(KeyHash.of(KEY), KeyHash.ofHex(SHA_256));
    assertThat(report.settings().stream().filter(set -> set.key().startsWith("auth.keys[1]")))
        .allSatisfy(set -> assertThat(set.origin()).isIn("CONSOUL_API_KEYS", "default"));
  }

  @Test
  @DisplayName("finds a key by its SHA-256 as sha256sum prints it")
  void hashed() {
    assertThat(KeyHash.of("abc"))
        .isEqualTo(
            KeyHash.ofHex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"secret with space\"] | [0].key must be 1 to 1024 printable ASCII characters",
        "[\"sécret-sécret-sécret\"] | [0].key must be 1 to 1024 printable",
        "[\"\"] | [0].key must be 1 to 1024 printable",
        "[{\"id\":\"secret\"}] | [0].key must be 1 to 1024 printable",
        "[{\"sha256\":\"secret\"}] | [0].sha256 must be the 64 hexadecimal digits",
        "[{\"key\":\"secret\",\"sha256\":\"secret\"}] | [0].sha256 must not stand beside key",
        "[{\"key\":\"a\"},{\"key\":\"secret\",\"id\":\"secret secret\"}] | [1].id must be 1 to 64 of",
        "[{\"key\":\"secret\",\"tenant\":\"a:secret\"}] | [0].tenant must be 1 to 64 of",
        "[{\"key\":\"secret\",\"expiresAt\":\"secret\"}] | [0].expiresAt must be a time in ISO 8601",
        "[{\"key\":\"secret\",\"expires_at\":\"2030-01-01\"}] | [0].expires_at must be a time",
        "[{\"key\":\"secret\",\"tenat\":\"a\"}] | [0].tenat is not a known key; did you mean tenant?",
        "[{\"key\":\"secret\",\"secret-key-of-some-length\":\"acme\"}] | [0] has a key that is not known; known here: key, sha256",
        "[{\"key\":\"secret\",\"id\":\"a\"},{\"key\":\"secret2\",\"id\":\"a\",\"tenant\":\"default\"}] | [1].tenant must be that of the other",
        "[1234567890123456] | must be a list of objects, or strings",
        "[\"secret\",\"other\",\"secret\"] | [2].key is the same as that of [0]",
        "[{\"key\":\"secret\",\"id\":\"a\",\"tenant\":\"b\"},{\"key\":\"secret2\",\"id\":\"a\"}] | [1].tenant must be that of the other key with this id",
        "[[\"secret\"]] | must be a list of objects, or strings",
        "[\"secret\" | must be a list of objects, or strings",
        "{\"secret\":1} | must be a list of objects, or strings",
        "[{\"key\":\"${env:NOT_THERE}\"}] | [0].key refers to ${env:NOT_THERE}, which cannot be read",
      })
  @DisplayName("names the place of what is wrong in the variable, and quotes nothing of it")
  void problems(String variable, String problem) {
    keysOf(variable);

    assertThat(report.problems())
        .anySatisfy(found -> assertThat(found).startsWith("CONSOUL_API_KEYS").contains(problem));
    assertThat(report.problems()).noneMatch(found -> found.contains("secret"));
  }

  @Test
  @DisplayName("names file and key of what is wrong in the file")
  void problemsOfTheFile() {
    keys("{\"keys\":[\"a b\"],\"header\":\"a b\",\"bypassPaths\":[\"health\"]}");

    assertThat(report.problems())
        .hasSize(3)
        .anyMatch(found -> found.startsWith("gateway.json: auth.keys[0].key must be"))
        .anyMatch(found -> found.startsWith("gateway.json: auth.header must be"))
        .anyMatch(found -> found.startsWith("gateway.json: auth.bypassPaths must be"));
  }

  @ParameterizedTest(name = "{0} for {1}")
  @CsvSource({
    "Authorization, header",
    "x-request-id, header",
    "X-Session-ID, header",
    "Sec-WebSocket-Protocol, header",
    "Content-Type, header",
    "x-forwarded-for, header",
    "host, header",
    "limit, query",
    "a&b, query",
    "a%20b, query",
  })
  @DisplayName("refuses a place for keys that means something else, or cannot be")
  void takenPlaces(String name, String setting) {
    keys(new JsonObject().put(setting, name).encode());

    assertThat(report.problems())
        .singleElement()
        .asString()
        .startsWith("gateway.json: auth." + setting + " must be a");
  }

  @Test
  @DisplayName("quotes no key that is a number")
  void number() {
    keys("{\"keys\":[1234567890123456]}");

    assertThat(report.problems()).singleElement().asString().doesNotContain("123456");
  }

  @Test
  @DisplayName("prints no key, no hash and no pattern")
  void printed() {
    read(
        "{}",
        Map.of(
            "CONSOUL_API_KEYS",
            "[{\"key\":\"" + KEY + "\"},{\"sha256\":\"" + SHA_256 + "\"}]",
            "CONSOUL_API_KEY_TIERS",
            "{\"sk-012*\":\"gold\"}"));

    assertThat(report.settings().toString()).contains("***", "gold").doesNotContain("sk-", SHA_256);
  }

  @Test
  @DisplayName("warns of keys that can be guessed, by their place")
  void shortKeys() {
    KeyConfig config = keysOf(KEY + ",short-key");

    assertThat(config.keys()).hasSize(2);
    assertThat(overrides.warnings())
        .singleElement()
        .satisfies(warning -> assertThat(warning)
            .startsWith("CONSOUL_API_KEYS[1].key has fewer than 16 characters")
            .doesNotContain("short-key"));
  }

  @Test
  @DisplayName("lets two keys have one id, while one replaces the other")
  void rotation() {
    KeyConfig config =
        keys("{\"keys\":[{\"key\":\"" + KEY + "\",\"id\":\"web\",\"tenant\":\"acme\"},"
            + "{\"key\":\"" + OTHER + "\",\"id\":\"web\",\"tenant\":\"acme\"}]}");

    assertThat(report.problems()).isEmpty();
    assertThat(ApiKeys.of(config).ids()).containsExactly("web");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "sk-gold-1, gold",
    "sk-silver-1, silver",
    "sk-bronze, rest",
    "a.b, dot",
    "axb, rest",
    "sk-gold, rest",
    "sk-12-end, two",
    "sk-123-end, rest"
  })
  @DisplayName("gives a key the tier of the first pattern that fits the whole of it")
  void patterns(String key, String tier) {
    KeyConfig config = read(
        "{}",
        Map.of(
            "CONSOUL_API_KEYS",
            key,
            "CONSOUL_API_KEY_TIERS",
            "{\"sk-gold-*\":\"gold\",\"*silver*\":\"silver\",\"a.b\":\"dot\",\"sk-??-end\":\"two\",\"*\":\"rest\"}"));

    assertThat(config.keys()).extracting(ApiKey::tier).containsExactly(tier);
    assertThat(config.tiers()).containsExactly("gold", "silver", "dot", "two", "rest");
  }

  @Test
  @DisplayName("gives a key its own tier before that of a pattern, and a hashed one that of its id")
  void ownTier() {
    KeyConfig config = keys(new JsonObject()
        .put(
            "keys",
            new JsonArray(List.of(
                new JsonObject().put("key", KEY).put("tier", "own"),
                new JsonObject().put("sha256", SHA_256).put("id", "sk-id"))))
        .put("keyTiers", new JsonObject().put("sk-*", "pattern"))
        .encode());

    assertThat(report.problems()).isEmpty();
    assertThat(config.keys()).extracting(ApiKey::tier).containsExactly("own", "pattern");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"sk-secret:gold", "{\"sk-secret\":1}", "{\"sk-secret\":", "[\"sk-secret\"]"})
  @DisplayName("refuses tiers that are no object of strings, without quoting them")
  void wrongTiers(String variable) {
    read("{}", Map.of("CONSOUL_API_KEY_TIERS", variable));

    assertThat(report.problems())
        .containsExactly(
            "CONSOUL_API_KEY_TIERS must be an object in JSON whose values are strings");
  }
}
