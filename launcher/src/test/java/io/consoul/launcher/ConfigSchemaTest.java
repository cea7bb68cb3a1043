package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.Rule;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The schemas of the configuration files")
class ConfigSchemaTest {

  private static final Path HOME = Path.of("..");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(\\{.*?)\n?```", Pattern.DOTALL);
  private static final int VALUES_PER_KEY = 5;

  /** Each is right for some keys and wrong for others. */
  private static final List<Object> VALUES = List.of(
      0,
      1,
      2.5,
      -1,
      1e12,
      true,
      "",
      "5",
      "true",
      "text",
      "JSON",
      "fixed_window",
      "10/minute",
      "${env:SOMETHING}",
      new JsonArray(),
      new JsonArray().add("text"),
      new JsonArray().add(1),
      new JsonArray().addNull(),
      new JsonArray().add(new JsonObject()),
      new JsonObject(),
      new JsonObject().put("gold", "10/minute"),
      new JsonObject().put("gold", 1),
      new JsonObject().put("not a name", "10/minute"));

  /** In the order of the keys, so that a failure comes again. */
  private final Random random = new Random(20260101);

  private final Map<String, Validator> validators = new HashMap<>();

  @Test
  @DisplayName("take the files of conf/, which name them")
  void shipped() throws IOException {
    for (String file : Settings.files()) {
      JsonObject json = new JsonObject(Files.readString(HOME.resolve("conf").resolve(file)));

      assertThat(takes(file, json)).as(file).isTrue();
      assertThat(HOME.resolve("conf").resolve(json.getString("$schema"))).exists();
      // VS Code takes one without the dot for an address of its own, and finds nothing there.
      assertThat(json.getString("$schema")).startsWith("./");
      assertThat(Settings.read(file, json).problems()).isEmpty();
    }
  }

  @Test
  @DisplayName("have no key outside lists that the files of conf/ do not show")
  void complete() throws IOException {
    for (String file : Settings.files()) {
      JsonObject json = new JsonObject(Files.readString(HOME.resolve("conf").resolve(file)));

      assertThat(Settings.of(file))
          .filteredOn(rule -> !rule.key().contains("[]"))
          .extracting(Rule::key)
          .as("keys that conf/%s lacks", file)
          .allMatch(key -> shows(json, key));
    }
  }

  @Test
  @DisplayName("take the examples of the pages")
  void examples() throws IOException {
    List<String> taken = new ArrayList<>();
    try (Stream<Path> pages = Files.list(HOME.resolve("docs"))) {
      for (Path page : pages.filter(each -> each.toString().endsWith(".md")).toList()) {
        for (JsonObject example : examples(Files.readString(page))) {
          String file = fileOf(example);
          if (file != null) {
            assertThat(takes(file, example)).as("%s in %s", example, page).isTrue();
            taken.add(file);
          }
        }
      }
    }
    assertThat(taken).hasSizeGreaterThan(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway.json", "session.json", "provider.json", "gc.json", "node.json"})
  @DisplayName("refuse a wrong type and a number out of range, and nothing that the records take")
  void sameVerdict(String file) throws IOException {
    for (Rule rule : rules(file)) {
      for (Object value : values(rule)) {
        JsonObject json = Places.with(rule.key(), value);
        List<String> problems = problems(file, json, Places.name(rule));

        if (takes(file, json)) {
          assertThat(problems).as("taken: %s", json).noneMatch(line -> isOfForm(line, rule));
        } else {
          assertThat(problems).as("refused: %s", json).isNotEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway.json", "session.json", "provider.json", "gc.json", "node.json"})
  @DisplayName("refuse an unknown key, wherever it stands, as the records do")
  void unknownKeys(String file) throws IOException {
    Set<String> places = new TreeSet<>(Set.of(""));
    rules(file).stream()
        .map(Rule::key)
        .filter(key -> key.contains("."))
        .forEach(key -> places.add(key.substring(0, key.lastIndexOf('.') + 1)));
    for (String place : places) {
      JsonObject json = Places.with(place + "unheardOf", 1);

      assertThat(takes(file, json)).as("%s", json).isFalse();
      assertThat(Settings.read(file, json).problems())
          .as("%s", json)
          .anyMatch(
              line -> line.contains("not a known key") || line.contains("key that is not known"));
      if (!place.isEmpty() && !place.endsWith("[].")) {
        String section = place.substring(0, place.length() - 1);
        assertThat(takes(file, Places.with(section, 1))).as(section).isFalse();
        assertThat(takes(file, Places.with(section, null))).as(section).isTrue();
      }
    }
  }

  @Test
  @DisplayName("may be named at the top of a file, and nowhere else")
  void ownName() throws IOException {
    JsonObject top = new JsonObject().put("$schema", "schema/gateway.schema.json");
    JsonObject wrong = new JsonObject().put("$schema", 1);
    JsonObject inside = new JsonObject().put("tls", top);

    assertThat(takes("gateway.json", top)).isTrue();
    assertThat(Settings.read("gateway.json", top).problems()).isEmpty();
    for (JsonObject json : List.of(wrong, inside)) {
      assertThat(takes("gateway.json", json)).isFalse();
      assertThat(Settings.read("gateway.json", json).problems()).isNotEmpty();
    }
  }

  /** Those of one vendor's section stand for the others', which are read by the same code. */
  private static List<Rule> rules(String file) {
    return Settings.of(file).stream()
        .filter(rule -> !rule.key().matches("(anthropic|google|ollama)\\..*"))
        .toList();
  }

  private List<Object> values(Rule rule) {
    List<Object> values = new ArrayList<>();
    JsonArray forms = rule.form().schema().getJsonArray("anyOf", new JsonArray());
    if (!forms.isEmpty() && forms.getJsonObject(0).containsKey("minimum")) {
      double min = forms.getJsonObject(0).getDouble("minimum");
      double max = forms.getJsonObject(0).getDouble("maximum");
      values.addAll(List.of(min, max, min - 0.5, min - 1, max + 0.5, max + 1, (min + max) / 2));
    }
    random
        .ints(VALUES_PER_KEY, 0, VALUES.size())
        .distinct()
        .mapToObj(VALUES::get)
        .forEach(values::add);
    return values;
  }

  /** Whether the record does not like what the schema speaks of too, and not what only a record can see. */
  private static boolean isOfForm(String problem, Rule rule) {
    return problem.contains(" must be " + rule.form().allowed() + ", got")
        || problem.contains(" must be a single value, got")
        || problem.contains(" must be a list of");
  }

  private static List<String> problems(String file, JsonObject json, String place) {
    return Settings.read(file, json).problems().stream()
        .filter(line -> line.startsWith(file + ": " + place))
        .toList();
  }

  private boolean takes(String file, JsonObject json) throws IOException {
    Validator validator = validators.get(file);
    if (validator == null) {
      Path schema = HOME.resolve("conf/schema").resolve(file.replace(".json", ".schema.json"));
      validator = Validator.create(
          JsonSchema.of(new JsonObject(Files.readString(schema))),
          new JsonSchemaOptions().setDraft(Draft.DRAFT7).setBaseUri("https://localhost"));
      validators.put(file, validator);
    }
    return validator.validate(json).getValid();
  }

  private static boolean shows(JsonObject json, String key) {
    int dot = key.indexOf('.');
    return dot < 0
        ? json.containsKey(key)
        : json.getValue(key.substring(0, dot)) instanceof JsonObject section
            && shows(section, key.substring(dot + 1));
  }

  private static List<JsonObject> examples(String page) {
    List<JsonObject> examples = new ArrayList<>();
    EXAMPLE.matcher(page).results().map(found -> found.group(1)).forEach(text -> {
      try {
        examples.add(new JsonObject(text));
      } catch (DecodeException severalOrShortened) {
        // messages of an API, which are for reading
      }
    });
    return examples;
  }

  /** The file whose keys these are, or null. */
  private static String fileOf(JsonObject example) {
    return Settings.files().stream()
        .filter(file -> !example.isEmpty()
            && Settings.of(file).stream()
                .map(rule -> rule.key().replaceFirst("[.\\[].*", ""))
                .toList()
                .containsAll(example.fieldNames()))
        .findFirst()
        .orElse(null);
  }
}
