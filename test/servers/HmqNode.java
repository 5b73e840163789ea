import com.hivemq.embedded.EmbeddedHiveMQ;
import java.nio.file.*;

/** HiveMQ CE in one process: folder, port, and further XML of its <mqtt> section. Prints READY. */
public class HmqNode {
  public static void main(String[] a) throws Exception {
    Path base = Paths.get(a[0]);
    for (String d : new String[]{"conf", "data", "ext"}) Files.createDirectories(base.resolve(d));
    Files.writeString(base.resolve("conf/config.xml"), "<?xml version=\"1.0\"?><hivemq><listeners><tcp-listener><port>" + a[1]
      + "</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners><persistence><mode>in-memory</mode></persistence>"
      + "<mqtt>" + (a.length > 2 ? a[2] : "") + "</mqtt>"
      + "<anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics></hivemq>");
    EmbeddedHiveMQ h = EmbeddedHiveMQ.builder().withConfigurationFolder(base.resolve("conf")).withDataFolder(base.resolve("data"))
      .withExtensionsFolder(base.resolve("ext")).build();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> { try { h.close(); } catch (Exception e) { } }));
    h.start().join();
    System.out.println("READY");
    Thread.sleep(Long.MAX_VALUE);
  }
}
