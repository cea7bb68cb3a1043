package io.consoul.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The config reader")
class ConfigReaderTest {

  private enum Colour {
    RED,
    GREEN
  }

  private final ConfigReport report = new ConfigReport();

  @Test
  @DisplayName(
      "lets the file win over the default, the variable over the file, the command line over all")
  void order() {
    JsonObject file = new JsonObject().put("b", 2).put("c", 2).put("d", 2);
    Overrides overrides = new Overrides(Map.of("C", "3", "D", "3")).with("D", "4", "--d");
    ConfigReader reader = reader(file, overrides);

    assertThat(reader.integer("a", "A", 1, 0, 9)).isEqualTo(1);
    assertThat(reader.integer("b", "B", 1, 0, 9)).isEqualTo(2);
    assertThat(reader.integer("c", "C", 1, 0, 9)).isEqualTo(3);
    assertThat(reader.integer("d", "D", 1, 0, 9)).isEqualTo(4);
    assertThat(report.settings())
        .extracting(ConfigReport.Setting::origin)
        .containsExactly("default", "file", "C", "--d");
  }

  @Test
  @DisplayName(
      "reports all problems at once, each with its place, what is allowed and what was found")
  void allProblems() {
    JsonObject file = new JsonObject()
        .put("port", "eighty")
        .put("socket", new JsonObject().put("idleSecond", 3).put("maxBytes", 1.5))
        .put("colour", "blue")
        .put("names", new JsonArray().add(1));
    ConfigReader reader = reader(file, new Overrides(Map.of("HOW_LONG", "soon")));

    reader.integer("port", null, 8000, 0, 65_535);
    ConfigReader socket = reader.section("socket");
    socket.seconds("idleSeconds", "HOW_LONG", 60, 0.1, 3600);
    socket.integer("maxBytes", null, 1, 1, 9);
    socket.closed();
    reader.choice("colour", null, Colour.RED);
    reader.texts("names");
    reader.closed();

    assertThatThrownBy(reader::throwIfBad)
        .isInstanceOfSatisfying(
            ConfigException.class,
            bad -> assertThat(bad.problems())
                .containsExactly(
                    "test.json: port must be an integer from 0 to 65535, got eighty",
                    "HOW_LONG must be a number of seconds from 0.1 to 3600, got soon",
                    "test.json: socket.maxBytes must be an integer from 1 to 9, got 1.5",
                    "test.json: socket.idleSecond is not a known key; did you mean idleSeconds?",
                    "test.json: colour must be one of red, green, got blue",
                    "test.json: names must be a list of strings, got a list with a number"));
  }

  @Test
  @DisplayName("reports a variable once that is wrong for several settings")
  void oneVariableForMany() {
    ConfigReader reader = reader(new JsonObject(), new Overrides(Map.of("SIZE", "0")));

    reader.section("a").integer("size", "SIZE", 1, 1, 9);
    reader.section("b").integer("size", "SIZE", 1, 1, 9);

    assertThat(report.problems()).containsExactly("SIZE must be an integer from 1 to 9, got 0");
  }

  @Test
  @DisplayName("lists the known keys where none is near")
  void nothingNear() {
    ConfigReader reader = reader(new JsonObject().put("zzzzzz", 1), new Overrides(Map.of()));
    reader.flag("enabled", null, true);
    reader.closed();

    assertThat(report.problems())
        .containsExactly("test.json: zzzzzz is not a known key; known here: enabled");
  }

  @Test
  @DisplayName("reads a secret from the environment or a file and prints it as ***")
  void secrets(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "from-file\n");
    JsonObject json = new JsonObject()
        .put("one", "${env:MY_KEY}")
        .put("two", "${file:" + file + "}")
        .put("three", "plain");
    ConfigReader reader = reader(json, new Overrides(Map.of("MY_KEY", "from-env")));

    Secret one = reader.secret("one", null).orElseThrow();
    Secret two = reader.secret("two", null).orElseThrow();
    Secret three = reader.secret("three", null).orElseThrow();

    assertThat(one.reveal()).isEqualTo("from-env");
    assertThat(two.reveal()).isEqualTo("from-file");
    assertThat(three.reveal()).isEqualTo("plain");
    assertThat(one + " " + two + " " + three).isEqualTo("*** *** ***");
    assertThat(report.settings()).extracting(ConfigReport.Setting::value).containsOnly("***");
  }

  @Test
  @DisplayName("reads a list from a variable, with commas or as JSON, and names its place there")
  void listsInVariables() {
    JsonObject file = new JsonObject().put("names", new JsonArray().add("of the file"));
    ConfigReader reader = reader(
        file,
        new Overrides(Map.of(
            "COMMAS", "a, b,,c",
            "JSON", "[\"a,b\"]",
            "ENTRIES", "[\"a\",{\"name\":\"b\",\"size\":\"big\"}]",
            "WRONG", "[1]")));

    assertThat(reader.texts("names", "NOT_SET", List.of("default"))).containsExactly("of the file");
    assertThat(reader.texts("others", "NOT_SET", List.of("default"))).containsExactly("default");
    assertThat(reader.texts("names", "COMMAS", List.of())).containsExactly("a", "b", "c");
    assertThat(reader.texts("names", "JSON", List.of())).containsExactly("a,b");
    assertThat(reader.texts("names", "WRONG", List.of())).isEmpty();
    List<ConfigReader> entries = reader.sections("entries", "name", "ENTRIES");
    assertThat(entries).extracting(entry -> entry.text("name", null, "")).containsExactly("a", "b");
    entries.get(1).integer("size", null, 1, 1, 9);

    assertThat(report.problems())
        .containsExactly(
            "WRONG must be a list of strings: as JSON, or strings with commas between them",
            "ENTRIES[1].size must be an integer from 1 to 9, got big");
    assertThat(report.settings())
        .extracting(ConfigReport.Setting::key)
        .contains("entries", "entries[0].name", "entries[1].size");
  }

  @Test
  @DisplayName("takes a secret from a stand-in variable where the variable itself is not set")
  void secretFromStandIn() {
    JsonObject file = new JsonObject().put("url", "of-file");

    assertThat(url(file, Map.of("OURS", "of-ours", "THEIRS", "of-theirs"))).isEqualTo("of-ours");
    assertThat(url(file, Map.of("THEIRS", "of-theirs"))).isEqualTo("of-theirs");
    assertThat(url(file, Map.of())).isEqualTo("of-file");
    assertThat(report.settings())
        .extracting(ConfigReport.Setting::origin)
        .containsExactly("OURS", "THEIRS", "file");
    assertThat(report.settings()).extracting(ConfigReport.Setting::value).containsOnly("***");
  }

  @Test
  @DisplayName("says which reference cannot be read, and does not quote what one stands for")
  void badReferences() {
    JsonObject json = new JsonObject().put("key", "${env:NOT_SET}").put("port", "${env:MY_KEY}");
    ConfigReader reader = reader(json, new Overrides(Map.of("MY_KEY", "hunter2")));
    reader.secret("key", null);
    reader.integer("port", null, 1, 1, 9);

    assertThat(report.problems())
        .containsExactly(
            "test.json: key refers to ${env:NOT_SET}, which cannot be read",
            "test.json: port must be an integer from 1 to 9, got something else from ${env:MY_KEY}");
  }

  @Test
  @DisplayName("does not print the password in a URL, nor its query, which may hold a key")
  void credentialsInUrl() {
    JsonObject file = new JsonObject()
        .put("url", "http://ann:hunter2@host/v1")
        .put("other", "https://host/v1?key=hunter2")
        .put("text", "who?");
    ConfigReader reader = reader(file, new Overrides(Map.of()));
    reader.text("url", null);
    reader.text("other", null);
    reader.text("text", null);

    assertThat(report.settings())
        .extracting(ConfigReport.Setting::value)
        .containsExactly("http://***@host/v1", "https://host/v1?***", "who?");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = ' ',
      value = {
        "redis://:hunter2@a,redis://:hunter2@b:2 redis://***@a,redis://***@b:2",
        "redis://:hunter2/hunter2@a redis://***@a",
        "redis://:hunter2@hunter2@a redis://***@a",
        "redis://u:hunter2,hunter2@a,rediss://b redis://***@a,rediss://b",
      })
  @DisplayName("prints no password of several URLs, nor one that was not encoded")
  void passwords(String url, String printed) {
    reader(new JsonObject().put("url", url), new Overrides(Map.of())).text("url", null);

    assertThat(report.settings()).extracting(ConfigReport.Setting::value).containsExactly(printed);
  }

  @Test
  @DisplayName("takes a text in a list of objects as the object with this one key")
  void textOrObject() {
    JsonObject file = new JsonObject()
        .put(
            "models",
            new JsonArray().add("a").add(new JsonObject().put("name", "b").put("size", 3)))
        .put("others", new JsonArray().add(1));
    ConfigReader reader = reader(file, new Overrides(Map.of()));

    assertThat(reader.sections("models", "name"))
        .extracting(model -> model.text("name", null, "") + model.integer("size", null, 0, 0, 9))
        .containsExactly("a0", "b3");
    assertThat(reader.sections("missing", "name")).isEmpty();
    assertThat(reader.sections("others", "name")).isEmpty();
    assertThat(report.problems())
        .containsExactly(
            "test.json: others must be a list of objects, or strings that stand for their name, got a list with a number");
  }

  @Test
  @DisplayName("quotes no value of a wrong shape: a secret may stand in it")
  void wrongShape() {
    JsonObject header = new JsonObject().put("Authorization", "Bearer sk-1");
    JsonObject file = new JsonObject()
        .put("headers", header)
        .put("more", new JsonArray().add("Authorization: Bearer sk-1"))
        .put("apiKey", new JsonObject().put("value", "sk-1"))
        .put("otherKey", new JsonArray().add("sk-1"))
        .put("provider", "sk-1");
    ConfigReader reader = reader(file, new Overrides(Map.of()));

    reader.sections("headers");
    reader.sections("more");
    reader.secret("apiKey", null);
    reader.secret("otherKey", null);
    reader.section("provider");

    assertThat(report.problems())
        .containsExactly(
            "test.json: headers must be a list of objects, got an object",
            "test.json: more must be a list of objects, got a list with a string",
            "test.json: apiKey must be a single value, got an object",
            "test.json: otherKey must be a single value, got a list",
            "test.json: provider must be an object, got a string");
  }

  @Test
  @DisplayName("names the variable where what the record does not like comes from one")
  void rejectedVariable() {
    JsonObject file = new JsonObject().put("name", "a").put("other", "a");
    ConfigReader reader = reader(file, new Overrides(Map.of("NAME", "b")));
    reader.text("name", "NAME");
    reader.text("other", "OTHER");

    reader.reject("name", "must be nicer");
    reader.reject("other", "must be nicer");

    assertThat(report.problems())
        .containsExactly("NAME must be nicer", "test.json: other must be nicer");
  }

  @Test
  @DisplayName(
      "takes from a file only the type that a key is of, and from a variable and a reference its text")
  void types() {
    JsonObject file = new JsonObject()
        .put("port", "8000")
        .put("on", "true")
        .put("name", 5)
        .put("size", "${env:SIZE}")
        .put("$schema", "schema/test.schema.json");
    ConfigReader reader = reader(file, new Overrides(Map.of("SIZE", "3", "OFF", "off")));

    reader.integer("port", "PORT", 1, 1, 9999);
    reader.flag("on", "ON", false);
    reader.text("name", "NAME");
    assertThat(reader.integer("size", null, 1, 1, 9)).isEqualTo(3);
    assertThat(reader.flag("off", "OFF", true)).isFalse();
    reader.closed();

    assertThat(report.problems())
        .containsExactly(
            "test.json: port must be an integer from 1 to 9999, got a string",
            "test.json: on must be true or false, got a string",
            "test.json: name must be text, got a number");
  }

  @Test
  @DisplayName("notes of every key what may be set, and under which variables, whatever is set")
  void rules() {
    JsonObject file =
        new JsonObject().put("list", new JsonArray().add(new JsonObject().put("port", 5)));
    ConfigReader reader = reader(file, new Overrides(Map.of("OTHER", "green")));

    reader.choice("colour", reader.either("COLOUR", "OTHER"), Colour.RED);
    reader.sections("list").get(0).integer("port", null, 1, 0, 9);
    reader.perCore("threads", "THREADS", 9);

    assertThat(report.rules())
        .extracting(
            Rule::key, Rule::variables, Rule::fallback, rule -> rule.form().allowed())
        .containsExactly(
            tuple("colour", List.of("COLOUR", "OTHER"), "red", "one of red, green"),
            tuple("list", List.of(), "", "a list of objects"),
            tuple("list[].port", List.of(), "1", "an integer from 0 to 9"),
            tuple("threads", List.of("THREADS"), "cores", "an integer from 1 to 9"));
  }

  @Test
  @DisplayName("takes an empty variable as not set")
  void emptyVariable() {
    assertThat(reader(new JsonObject(), new Overrides(Map.of("PORT", " ")))
            .integer("port", "PORT", 5, 0, 9))
        .isEqualTo(5);
    assertThat(report.problems()).isEmpty();
  }

  @Test
  @DisplayName("passes over a Kubernetes service address with a warning")
  void kubernetesServiceLink() {
    Overrides overrides = new Overrides(Map.of(
        "CONSOUL_PORT",
        "tcp://10.0.0.7:8000",
        "CONSOUL_PORT_8000_TCP_ADDR",
        "x",
        "CONSOUL_SERVICE_HOST",
        "y",
        "CONSOUL_SERVICE_PORT_HTTP",
        "8000",
        "CONSOUL_REDIS_SERVICE_PORT",
        "6379",
        "CONSOUL_REDIS_PORT_6379_TCP_PROTO",
        "tcp"));

    assertThat(reader(new JsonObject(), overrides).integer("port", "CONSOUL_PORT", 8000, 0, 65_535))
        .isEqualTo(8000);
    assertThat(overrides.warnings())
        .singleElement()
        .asString()
        .startsWith("CONSOUL_PORT holds a Kubernetes");
  }

  @Test
  @DisplayName("warns of a variable of ours that nobody knows, with the nearest one")
  void unknownVariable() {
    Overrides overrides = new Overrides(Map.of("CONSOUL_PROT", "8001", "PATH", "x"));
    reader(new JsonObject(), overrides).integer("port", "CONSOUL_PORT", 8000, 0, 65_535);

    assertThat(overrides.warnings())
        .containsExactly(
            "CONSOUL_PROT is not known to this version and has no effect; did you mean CONSOUL_PORT?");
  }

  @Test
  @DisplayName("reads durations in seconds with decimals")
  void durations() {
    ConfigReader reader =
        reader(new JsonObject().put("aSeconds", 0.25), new Overrides(Map.of("B", "90")));

    assertThat(reader.seconds("aSeconds", null, 1, 0, 9)).isEqualTo(Duration.ofMillis(250));
    assertThat(reader.seconds("bSeconds", "B", 1, 0, 100)).isEqualTo(Duration.ofSeconds(90));
  }

  private String url(JsonObject file, Map<String, String> environment) {
    return reader(file, new Overrides(environment))
        .secret("url", "OURS", "THEIRS")
        .orElseThrow()
        .reveal();
  }

  private ConfigReader reader(JsonObject json, Overrides overrides) {
    return ConfigReader.of("test.json", json, overrides, report);
  }

  @Test
  @DisplayName("takes a reference also in a list and for a value in a notation of its own")
  void referencesInside(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "hidden\n");
    JsonObject json = new JsonObject()
        .put("list", new JsonArray().add("one").add("${env:MORE}").add("${env:NOT_SET}"))
        .put("own", "${env:OWN}")
        .put("wrong", "${file:" + file + "}")
        .put("missing", "${env:NOT_SET}");
    ConfigReader reader =
        reader(json, new Overrides(Map.of("MORE", "two", "OWN", "[\"a\", \"b\"]")));

    assertThat(reader.texts("list", "LIST", List.of())).containsExactly("one", "two");
    assertThat(own(reader, "own")).isEqualTo("[\"a\",\"b\"]");
    assertThat(own(reader, "wrong")).isEqualTo("default");
    assertThat(own(reader, "missing")).isEqualTo("default");
    assertThat(report.problems())
        .containsExactly(
            "test.json: list[2] refers to ${env:NOT_SET}, which cannot be read",
            "test.json: wrong must be text, got something else from ${file:" + file + "}",
            "test.json: missing refers to ${env:NOT_SET}, which cannot be read");
  }

  private static String own(ConfigReader reader, String key) {
    return reader.value(key, null, "default", Form.TEXT, value -> {
      if (value instanceof JsonArray list) {
        return list.encode();
      }
      throw new IllegalArgumentException("must be a list, got " + value);
    });
  }
}
