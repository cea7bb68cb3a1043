package io.consoul.config;

import io.consoul.config.ConfigObject.Given;
import io.consoul.config.ConfigObject.Items;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reads what holds several values: the lists and tables of a configuration. {@link ConfigReader} says what each is. */
record ListReader(ConfigObject object) {

  List<ConfigReader> objects(String key) {
    object.describe(key, null, "", Form.OBJECTS);
    return entries(key, object.list(key, JsonObject.class::isInstance, "objects"), key);
  }

  List<ConfigReader> objectsOrTexts(String key, String textKey) {
    return entries(key, items(key, textKey, null), textKey);
  }

  List<ConfigReader> objectsOrTexts(String key, String textKey, String variable) {
    Items items = items(key, textKey, variable);
    int size = items.list().size();
    object.note(key, variable, Integer.toString(size), items.given(), size);
    return entries(key, items, textKey);
  }

  List<String> texts(String key) {
    object.describe(key, null, "", Form.TEXTS);
    return strings(object.list(key, String.class::isInstance, "strings"));
  }

  List<String> texts(String key, String variable, List<String> defaultValue) {
    object.describe(key, variable, String.join(",", defaultValue), Form.TEXTS);
    Items items = object.list(key, variable, String.class::isInstance, "strings");
    List<String> texts = items.given().isSet() ? strings(items) : defaultValue;
    object.note(key, variable, String.join(",", texts), items.given(), texts.hashCode());
    return texts;
  }

  Map<String, String> table(String key, String variable) {
    object.describe(key, variable, "", Form.TABLE);
    Given given = object.given(key, variable);
    Object value = given.isVariable()
        ? ListText.json(given.value().toString(), JsonObject::new)
        : given.value();
    Map<String, String> table = new LinkedHashMap<>();
    if (value instanceof JsonObject texts
        && texts.stream().allMatch(entry -> entry.getValue() instanceof String)) {
      texts.forEach(entry -> table.put(entry.getKey(), (String) entry.getValue()));
    } else if (value != null) {
      object.reject(given, "must be an object in JSON whose values are strings");
    }
    object.note(
        key,
        variable,
        table.values().stream().map(text -> "*** " + text).collect(Collectors.joining(", ")),
        table.isEmpty() && !given.isVariable() ? "default" : given.origin(),
        table.hashCode());
    return table;
  }

  private Items items(String key, String textKey, String variable) {
    Form form = Form.objectsOrTexts(textKey);
    object.describe(key, variable, "", form);
    Predicate<Object> item = each -> each instanceof JsonObject || each instanceof String;
    return object.list(key, variable, item, "objects, or strings that stand for their " + textKey);
  }

  private List<ConfigReader> entries(String key, Items items, String textKey) {
    return IntStream.range(0, items.list().size())
        .mapToObj(i -> {
          Object item = items.list().getValue(i);
          JsonObject json =
              item instanceof JsonObject itself ? itself : new JsonObject().put(textKey, item);
          return new ConfigReader(object.item(key, i, json, items.given()));
        })
        .toList();
  }

  /** Each may stand for one from elsewhere. */
  private List<String> strings(Items items) {
    return IntStream.range(0, items.list().size())
        .mapToObj(i -> object.resolve(items.at(i)))
        .flatMap(Optional::stream)
        .toList();
  }
}
