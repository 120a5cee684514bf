"""Moving pictures that ask of an encoder what a phone's do: texture and edges, a hand that shakes, things that move on
their own, a sensor's noise. Made by filters of the newest ffmpeg from fixed seeds, so that they are the same everywhere."""

import subprocess
from pathlib import Path

# How the camera goes (pixels of a world of 2880 by 1620), how it shakes, how much noise there is.
SCENES = [
    # a hand that holds still
    dict(seed=3, x="300+40*sin(t/2)", y="150+20*sin(t/3)", shake=0.006, noise=3),
    # a slow pan
    dict(seed=11, x="10+56*t", y="160+25*sin(t/2)", shake=0.008, noise=4),
    # somebody walks
    dict(seed=23, x="330+160*sin(t*0.7)", y="160+70*sin(t*3.4)+40*sin(t*1.3)", shake=0.022, noise=4),
    # by night
    dict(seed=31, x="280+30*t", y="200-6*t", shake=0.010, noise=8),
]
SECONDS = 15
RATE = 30


def ffmpeg(program, *words):
    subprocess.run([program, "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)


def world(program, folder, seed):
    """A still picture: regions with edges, covered with texture, in colour."""
    path = folder / f"world-{seed}.png"
    if path.exists():
        return path
    draft = folder / f"draft-{seed}.png"

    def noise(number, octaves, scale, persistence=0.6):
        return ["-f", "lavfi", "-i",
                f"perlin=s=2880x1620:octaves={octaves}:persistence={persistence}:xscale={scale}:yscale={scale}"
                f":seed={seed * 10 + number}:random_mode=seed"]

    colour = "format=gray,lut=c0='clip(128+(val-128)*0.6,40,215)'"
    ffmpeg(program, *noise(0, 9, 9, 0.7), *noise(1, 3, 4), *noise(2, 3, 4), *noise(3, 2, 3), *noise(4, 3, 9), "-filter_complex",
           "[3]format=gray,lut=c0='floor(val/24)*24'[large];[4]format=gray,lut=c0='floor(val/40)*40'[small]"
           ";[large][small]blend=all_mode=softlight[edges];[0]format=gray[texture]"
           ";[edges][texture]blend=all_mode=overlay,eq=contrast=1.4[y]"
           f";[1]{colour}[u];[2]{colour}[v];[y][u][v]mergeplanes=0x001020:yuv444p,format=rgb24",
           "-frames:v", 1, "-update", 1, draft)
    draft.rename(path)
    return path


def disc(program, folder):
    path = folder / "disc.png"
    if not path.exists():
        ffmpeg(program, "-f", "lavfi", "-i", "color=black:s=420x420,format=gray,geq=lum='255*lt(hypot(X-210,Y-210),205)'",
               "-frames:v", 1, "-update", 1, path)
    return path


def master(program, folder, number):
    """One scene of 15 s, 1920 by 1080, 30 pictures a second, nearly without loss."""
    path = folder / f"scene-{number}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    scene, draft = SCENES[number], folder / f"draft-{number}.mp4"
    still = world(program, folder, scene["seed"])
    shake = f"{scene['shake']}*(sin(t*5.1)+0.6*sin(t*11.3+1)+0.3*sin(t*23.7))"
    # A second, small camera's picture wanders through the first; below, something like water or leaves moves all the time.
    # Stills are decoded once.
    repeat = f"loop=loop=-1:size=1,setpts=N/{RATE}/TB"
    graph = (
        f"[0]format=yuv420p,{repeat},split[near][far]"
        f";[near]crop=2240:1260:x='{scene['x']}':y='{scene['y']}'"
        f",rotate=a='{shake}':bilinear=1,crop=2112:1188,scale=1920:1080:flags=bicubic[ground]"
        ";[1]format=gray,scale=1920:360:flags=bicubic,split[l][a]"
        ";[l]format=yuva420p,lutyuv=y='40+val*0.7':u=146:v=112[w]"
        ";[a]lut=c0='clip((val-90)*2,0,220)'[mask];[w][mask]alphamerge[water]"
        ";[far]crop=420:420:x='1200+600*sin(t/4)':y='600+300*sin(t/3)',hflip,hue=h=80,format=yuva420p"
        f"[square];[2]format=gray,{repeat}[disc];[square][disc]alphamerge[ball]"
        ";[ground][water]overlay=0:720[wet]"
        ";[wet][ball]overlay=x='750+600*sin(t*0.9)':y='300+220*sin(t*1.7)'"
        f",noise=c0s={scene['noise']}:c0f=t+u:c1s={scene['noise'] // 2}:c1f=t+u:all_seed={scene['seed']}"
        + (",eq=brightness=-0.12:contrast=0.75" if scene["noise"] > 5 else "")
        + ",format=yuv420p,setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709")
    ffmpeg(program,
           "-framerate", RATE, "-i", still,
           "-f", "lavfi", "-t", SECONDS, "-i",
           f"perlin=s=320x60:r={RATE}:octaves=5:persistence=0.7:xscale=8:yscale=4:tscale=1.5:seed={scene['seed']}:random_mode=seed",
           "-framerate", RATE, "-i", disc(program, folder),
           "-filter_complex", graph, "-t", SECONDS, "-an", "-c:v", "libx264", "-preset", "ultrafast", "-crf", 8, draft)
    draft.rename(path)
    return path
