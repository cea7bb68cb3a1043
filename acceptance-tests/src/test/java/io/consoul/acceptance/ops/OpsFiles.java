package io.consoul.acceptance.ops;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of ops/ and what they speak of, as they are in the project. */
final class OpsFiles {

  static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  static final Path OPS = HOME.resolve("ops");

  private OpsFiles() {}

  static String text(String file) {
    try {
      return Files.readString(HOME.resolve(file));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** A file's only document. */
  static JsonObject yaml(String file) {
    return documents(file).get(0);
  }

  static List<JsonObject> documents(String file) {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return StreamSupport.stream(yaml.loadAll(text(file)).spliterator(), false)
        .map(OpsFiles::object)
        .toList();
  }

  /** The objects of a list; none where there is no list. */
  static List<JsonObject> objects(JsonObject parent, String key) {
    return parent.containsKey(key)
        ? parent.getJsonArray(key).stream().map(JsonObject.class::cast).toList()
        : List.of();
  }

  /** The texts of a list; none where there is no list. */
  static List<String> texts(JsonObject parent, String key) {
    return parent.containsKey(key)
        ? parent.getJsonArray(key).stream().map(String.class::cast).toList()
        : List.of();
  }

  static JsonObject at(JsonObject parent, String... path) {
    JsonObject found = parent;
    for (String key : path) {
      found = found.getJsonObject(key);
    }
    return found;
  }

  /** Below a folder, by their paths from the project's root. */
  static List<String> files(String folder) {
    try (Stream<Path> all = Files.walk(HOME.resolve(folder))) {
      return all.filter(Files::isRegularFile)
          .map(file -> HOME.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @SuppressWarnings("unchecked")
  private static JsonObject object(Object document) {
    // Through its text, so that lists and maps in it become JSON's, too.
    return new JsonObject(new JsonObject((Map<String, Object>) document).encode());
  }
}
