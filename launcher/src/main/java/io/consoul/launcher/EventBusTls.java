package io.consoul.launcher;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PfxOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Collections;

/**
 * TLS between the event buses of a cluster's nodes: each shows its certificate, and takes messages only from those whose
 * certificate its key store trusts. Hazelcast's own port knows no TLS.
 */
final class EventBusTls {

  private static final String SETTING = "the key store of the event bus"
      + " (node.json: eventBus.keyStore, CONSOUL_EVENT_BUS_KEY_STORE)";

  private EventBusTls() {}

  /**
   * Does nothing where no key store is configured.
   *
   * @throws StartException when it cannot be used
   */
  static void apply(EventBusConfig config, EventBusOptions bus) {
    if (config.keyStore().isEmpty()) {
      return;
    }
    String password = config.keyStorePassword().orElseThrow().reveal();
    byte[] file = read(config.keyStore().get());
    check(file, password);
    PfxOptions store = new PfxOptions().setValue(Buffer.buffer(file)).setPassword(password);
    bus.setSsl(true)
        .setTrustAll(false) // the default is true
        .setClientAuth(ClientAuth.REQUIRED)
        .setKeyCertOptions(store)
        .setTrustOptions(store.copy());
  }

  private static byte[] read(String file) {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (IOException | InvalidPathException unreadable) {
      throw new StartException(
          "Cannot read " + SETTING + ": there is no such file, or it may not be read: " + file
              + ". Correct the path; docs/security.md tells how to make one.");
    }
  }

  /** Vert.x would say it later, and in other words. */
  private static void check(byte[] file, String password) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(file), password.toCharArray());
      int keys = 0;
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)) {
          keys++;
          store.getKey(alias, password.toCharArray());
          ((X509Certificate) store.getCertificate(alias)).checkValidity();
        }
      }
      if (keys != 1) {
        throw new StartException(
            "Cannot use " + SETTING + ": it has " + keys
                + " keys, and must have one, with its certificate. docs/security.md tells how to make it.");
      }
    } catch (CertificateNotYetValidException early) {
      throw new StartException("Cannot use " + SETTING
          + ": its certificate is not valid yet. Is this machine's clock right?");
    } catch (CertificateExpiredException expired) {
      throw new StartException("Cannot use " + SETTING
          + ": its certificate has expired. Make a new one, and give it to all nodes.");
    } catch (IOException | GeneralSecurityException unusable) {
      throw new StartException(
          isPassword(unusable)
              ? "Cannot open " + SETTING
                  + ": the password is not the file's, or not the key's. Correct"
                  + " eventBus.keyStorePassword (CONSOUL_EVENT_BUS_KEY_STORE_PASSWORD)."
              : "Cannot use " + SETTING
                  + ": it is not a PKCS#12 file. docs/security.md tells how to make one.");
    }
  }

  private static boolean isPassword(Exception unusable) {
    return unusable instanceof UnrecoverableKeyException
        || unusable.getCause() instanceof UnrecoverableKeyException;
  }
}
