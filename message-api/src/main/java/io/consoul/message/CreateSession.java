package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * To session: make a session before its first turn. The reply is {@link SessionInfo}, or E103 where it exists.
 *
 * @param owner in whose list the session is, or null for the tenant's
 * @param model or null for the default of new sessions
 * @param settings what is null in them is as for new sessions
 * @param metadata up to 16 entries, names up to 64 and values up to 512 characters
 */
public record CreateSession(
    SessionId session,
    Tenant tenant,
    Owner owner,
    String model,
    Settings settings,
    Map<String, String> metadata)
    implements SessionRequest {

  public static final int MAX_METADATA = 16;
  public static final int MAX_METADATA_NAME = 64;
  public static final int MAX_METADATA_VALUE = 512;

  public CreateSession {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
    requireNonNull(settings, "settings");
    metadata = Metadata.checked(metadata);
  }

  /** In the tenant's list. */
  public CreateSession(
      SessionId session,
      Tenant tenant,
      String model,
      Settings settings,
      Map<String, String> metadata) {
    this(session, tenant, null, model, settings, metadata);
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_CREATE;
  }

  @Override
  public JsonObject toJson() {
    return Owner.put(
        new JsonObject()
            .put("session", session.value())
            .put("tenant", tenant.name())
            .put("model", model)
            .put("settings", settings.toJson())
            .put("metadata", Metadata.toJson(metadata)),
        owner);
  }

  static CreateSession fromJson(JsonObject json) {
    return new CreateSession(
        SessionId.of(json),
        Tenant.of(json),
        Owner.of(json),
        json.getString("model"),
        Settings.fromJson(json.getJsonObject("settings")),
        Metadata.fromJson(json.getJsonObject("metadata")));
  }

  /** What an application notes with a session of its own. */
  static final class Metadata {

    private Metadata() {}

    static Map<String, String> checked(Map<String, String> given) {
      if (given.size() > MAX_METADATA) {
        throw Fault.FIELD_VALIDATION_FAILED.inField(
            "metadata", "must have at most " + MAX_METADATA + " entries");
      }
      given.forEach((name, value) -> {
        if (name.isEmpty() || length(name) > MAX_METADATA_NAME) {
          throw Fault.FIELD_VALIDATION_FAILED.inField(
              "metadata", "must have names of 1 to " + MAX_METADATA_NAME + " characters");
        }
        if (value == null || length(value) > MAX_METADATA_VALUE) {
          throw Fault.FIELD_VALIDATION_FAILED.inField(
              "metadata", "must have values of up to " + MAX_METADATA_VALUE + " characters");
        }
      });
      return Map.copyOf(given);
    }

    static JsonObject toJson(Map<String, String> metadata) {
      JsonObject json = new JsonObject();
      metadata.forEach(json::put);
      return json;
    }

    static Map<String, String> fromJson(JsonObject json) {
      Map<String, String> metadata = new LinkedHashMap<>();
      if (json != null) {
        json.fieldNames().forEach(name -> metadata.put(name, json.getString(name)));
      }
      return metadata;
    }

    private static int length(String text) {
      return text.codePointCount(0, text.length());
    }
  }
}
